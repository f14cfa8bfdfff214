import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of APIService', () => {
  describe('v1.ext.example.com', () => {
    itJudges(
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'v1.ext.example.com' },
        spec: {
          group: 'ext.example.com',
          version: 'v1',
          groupPriorityMinimum: 100,
          versionPriority: 10,
          service: { name: 'svc', namespace: 'plain', port: 443 },
          insecureSkipTLSVerify: true,
        },
      },
      {
        created: [
          [
            '/spec/groupPriorityMinimum',
            2147483647,
            'spec.groupPriorityMinimum: Invalid value: 2147483647: must be positive and less than 20000',
          ],
          ['/spec/service/namespace', undefined, 'spec.service.namespace: Required value'],
          [
            '/spec/service/port',
            65536,
            'spec.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive',
          ],
          [
            '/spec/versionPriority',
            0,
            'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
          ],
          [
            '/spec/service',
            { port: 443 },
            'spec.service.namespace: Required value',
            'spec.service.name: Required value',
          ],
          ['/spec/service/name', undefined, 'spec.service.name: Required value'],
        ],
      },
    );
  });
  describe('v1beta1.x.example.com', () => {
    itJudges(
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'v1beta1.x.example.com' },
        spec: {
          group: 'x.example.com',
          version: 'v1beta1',
          groupPriorityMinimum: 100,
          versionPriority: 10,
          insecureSkipTLSVerify: true,
          service: { namespace: 'n', name: 's', port: 443 },
        },
      },
      {
        created: [
          [
            '/spec/service/port',
            2147483647,
            'spec.service.port: Invalid value: 2147483647: port is not valid: must be between 1 and 65535, inclusive',
          ],
          [
            '/spec/versionPriority',
            -1,
            'spec.versionPriority: Invalid value: -1: must be positive and less than 1000',
          ],
          ['/spec/service/name', '', 'spec.service.name: Required value'],
          ['/spec/service/namespace', undefined, 'spec.service.namespace: Required value'],
          [
            '/spec/groupPriorityMinimum',
            65536,
            'spec.groupPriorityMinimum: Invalid value: 65536: must be positive and less than 20000',
          ],
          [
            '/spec/service',
            undefined,
            'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
          ],
        ],
      },
    );
  });
});
