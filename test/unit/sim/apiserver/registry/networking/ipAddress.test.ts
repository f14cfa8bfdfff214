import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of IPAddress', () => {
  describe('10.96.5.5', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IPAddress',
        metadata: { name: '10.96.5.5' },
        spec: { parentRef: { resource: 'services', namespace: 'plain', name: 'x' } },
      },
      {
        created: [
          ['/spec/parentRef/name', undefined, 'spec.parentRef.name: Required value'],
          [
            '/spec/parentRef',
            {},
            'spec.parentRef.resource: Required value',
            'spec.parentRef.name: Required value',
          ],
          [
            '/spec/parentRef/namespace',
            '10.0.0.0/33',
            'spec.parentRef.namespace: Invalid value: "10.0.0.0/33": may not contain \'/\'',
          ],
          [
            '/spec/parentRef/resource',
            '10.0.0.0/33',
            'spec.parentRef.resource: Invalid value: "10.0.0.0/33": may not contain \'/\'',
          ],
          ['/spec', {}, 'spec.parentRef: Required value'],
        ],
        updated: [
          [
            '/spec/parentRef/resource',
            'x.y',
            'spec.parentRef: Invalid value: {"Group":"","Resource":"x.y","Namespace":"plain","Name":"x"}: field is immutable',
          ],
          [
            '/spec/parentRef/name',
            undefined,
            'spec.parentRef.name: Required value',
            'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"plain","Name":""}: field is immutable',
          ],
          [
            '/spec/parentRef/namespace',
            '10.0.0.0/33',
            'spec.parentRef.namespace: Invalid value: "10.0.0.0/33": may not contain \'/\'',
            'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"10.0.0.0/33","Name":"x"}: field is immutable',
          ],
          [
            '/spec/parentRef',
            undefined,
            'spec.parentRef: Required value',
            'spec.parentRef: Invalid value: null: field is immutable',
          ],
        ],
      },
    );
  });
  describe('2001:db8::9', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IPAddress',
        metadata: { name: '2001:db8::9' },
        spec: {
          parentRef: { group: 'g.example.com', resource: 'things', namespace: 'plain', name: 'n' },
        },
      },
      {
        created: [
          [
            '/spec/parentRef/name',
            'a/b',
            'spec.parentRef.name: Invalid value: "a/b": may not contain \'/\'',
          ],
          [
            '/spec/parentRef/namespace',
            'example.com/Thing',
            'spec.parentRef.namespace: Invalid value: "example.com/Thing": may not contain \'/\'',
          ],
          [
            '/spec/parentRef/resource',
            '10.0.0.0/33',
            'spec.parentRef.resource: Invalid value: "10.0.0.0/33": may not contain \'/\'',
          ],
          [
            '/spec/parentRef',
            {},
            'spec.parentRef.resource: Required value',
            'spec.parentRef.name: Required value',
          ],
          ['/spec', {}, 'spec.parentRef: Required value'],
        ],
        updated: [
          [
            '/spec/parentRef/name',
            'a/b',
            'spec.parentRef.name: Invalid value: "a/b": may not contain \'/\'',
            'spec.parentRef: Invalid value: {"Group":"g.example.com","Resource":"things","Namespace":"plain","Name":"a/b"}: field is immutable',
          ],
          [
            '/spec/parentRef/namespace',
            'example.com/Thing',
            'spec.parentRef.namespace: Invalid value: "example.com/Thing": may not contain \'/\'',
            'spec.parentRef: Invalid value: {"Group":"g.example.com","Resource":"things","Namespace":"example.com/Thing","Name":"n"}: field is immutable',
          ],
          [
            '/spec/parentRef/group',
            '',
            'spec.parentRef: Invalid value: {"Group":"","Resource":"things","Namespace":"plain","Name":"n"}: field is immutable',
          ],
          [
            '/spec/parentRef/resource',
            '10.0.0.0/33',
            'spec.parentRef.resource: Invalid value: "10.0.0.0/33": may not contain \'/\'',
            'spec.parentRef: Invalid value: {"Group":"g.example.com","Resource":"10.0.0.0/33","Namespace":"plain","Name":"n"}: field is immutable',
          ],
        ],
      },
    );
  });
});
