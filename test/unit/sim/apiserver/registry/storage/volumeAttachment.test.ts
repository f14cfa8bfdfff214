import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of VolumeAttachment', () => {
  describe('va', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'va' },
        spec: {
          attacher: 'drv.example.com',
          nodeName: 'n',
          source: { persistentVolumeName: 'pv' },
        },
      },
      {
        created: [
          [
            '/spec/attacher',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.attacher: Too long: may not be more than 63 bytes',
          ],
          [
            '/spec/source',
            {},
            'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
          ],
        ],
      },
    );
  });
  describe('va9', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'va9' },
        spec: {
          attacher: 'a.example.com',
          nodeName: 'n',
          source: {
            inlineVolumeSpec: {
              accessModes: ['ReadWriteOnce'],
              csi: { driver: 'a.example.com', volumeHandle: 'h' },
            },
          },
        },
      },
      {
        created: [
          [
            '/spec/source/inlineVolumeSpec/accessModes/0',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.source.inlineVolumeSpec.accessModes: Unsupported value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
          ],
          [
            '/spec/source/inlineVolumeSpec/csi',
            {},
            'spec.source.inlineVolumeSpec.csi.driver: Required value',
            'spec.source.inlineVolumeSpec.csi.volumeHandle: Required value',
          ],
          [
            '/spec/source',
            {},
            'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
          ],
          [
            '/spec/source/inlineVolumeSpec/csi/volumeHandle',
            '',
            'spec.source.inlineVolumeSpec.csi.volumeHandle: Required value',
          ],
          [
            '/spec/attacher',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.attacher: Too long: may not be more than 63 bytes',
          ],
          [
            '/spec/source/inlineVolumeSpec/accessModes',
            undefined,
            'spec.source.inlineVolumeSpec.accessModes: Required value',
          ],
          [
            '/spec/source/inlineVolumeSpec/csi/driver',
            '',
            'spec.source.inlineVolumeSpec.csi.driver: Required value',
          ],
        ],
      },
    );
  });
});
