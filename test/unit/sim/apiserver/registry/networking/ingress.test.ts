import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of Ingress', () => {
  describe('ing', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'ing' },
        spec: {
          ingressClassName: 'front',
          defaultBackend: { service: { name: 'web', port: { number: 80 } } },
          tls: [{ hosts: ['a.example.com'], secretName: 'tls' }],
          rules: [
            {
              host: 'a.example.com',
              http: {
                paths: [
                  {
                    path: '/a',
                    pathType: 'Prefix',
                    backend: { service: { name: 'web', port: { number: 80 } } },
                  },
                  {
                    path: '/b',
                    pathType: 'Exact',
                    backend: { resource: { apiGroup: 'example.com', kind: 'Bucket', name: 'b' } },
                  },
                ],
              },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/rules/0/http/paths/1/pathType',
            '2001:db8::1',
            'spec.rules[0].http.paths[1].pathType: Unsupported value: "2001:db8::1": supported values: "Exact", "ImplementationSpecific", "Prefix"',
          ],
          [
            '/spec/rules/0/http/paths/1/path',
            'example.com/Thing',
            'spec.rules[0].http.paths[1].path: Invalid value: "example.com/Thing": must be an absolute path',
          ],
          [
            '/spec/rules/0/http/paths/1',
            {},
            'spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified',
          ],
          ['/spec/rules/0/http', {}, 'spec.rules[0].http.paths: Required value'],
          [
            '/spec/rules/0/http/paths/0/backend/service/port/number',
            0,
            'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
          ],
          [
            '/spec/rules/0/http/paths/1/backend',
            undefined,
            'spec.rules[0].http.paths[1].backend: Invalid value: "": resource or service backend is required',
          ],
          [
            '/spec/rules/0/http/paths/0/backend/service/name',
            '',
            'spec.rules[0].http.paths[0].backend.service.name: Required value',
          ],
          [
            '/spec/defaultBackend/service/port',
            undefined,
            'spec.defaultBackend: Required value: port name or number is required',
          ],
          [
            '/spec',
            {},
            'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
          ],
        ],
        updated: [
          [
            '/spec/rules/0/http/paths/1/pathType',
            '2001:db8::1',
            'spec.rules[0].http.paths[1].pathType: Unsupported value: "2001:db8::1": supported values: "Exact", "ImplementationSpecific", "Prefix"',
          ],
          [
            '/spec/rules/0/http/paths/1/path',
            'example.com/Thing',
            'spec.rules[0].http.paths[1].path: Invalid value: "example.com/Thing": must be an absolute path',
          ],
          [
            '/spec/rules/0/http/paths/1',
            {},
            'spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified',
          ],
          ['/spec/rules/0/http', {}, 'spec.rules[0].http.paths: Required value'],
        ],
      },
    );
  });
  describe('ing9', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'ing9', annotations: { 'kubernetes.io/ingress.class': 'old' } },
        spec: {
          tls: [{ hosts: ['*.example.com'], secretName: 't' }],
          rules: [
            {
              host: '*.example.com',
              http: {
                paths: [
                  {
                    pathType: 'ImplementationSpecific',
                    backend: { service: { name: 's', port: { name: 'http' } } },
                  },
                ],
              },
            },
          ],
        },
      },
      {
        created: [
          ['/spec/rules/0/http/paths/0', undefined, 'spec.rules[0].http.paths: Required value'],
          [
            '/spec',
            {},
            'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
          ],
          [
            '/spec/rules/0/http/paths/0/backend/service/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.rules[0].http.paths[0].backend.service.name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/spec/rules/0/http/paths/0/pathType',
            '2001:db8::1',
            'spec.rules[0].http.paths[0].pathType: Unsupported value: "2001:db8::1": supported values: "Exact", "ImplementationSpecific", "Prefix"',
          ],
          [
            '/spec/rules/0/http/paths/0/backend',
            undefined,
            'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
          ],
          [
            '/spec/rules/0/http/paths/0/backend/service/port/name',
            '',
            'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
          ],
          [
            '/spec/rules/0/http/paths/0/backend/service',
            {},
            'spec.rules[0].http.paths[0].backend.service.name: Required value',
            'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
          ],
          [
            '/spec/rules/0',
            undefined,
            'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified',
          ],
          [
            '/spec/rules/0/http/paths',
            [
              {
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 's', port: { name: 'http' } } },
              },
              {
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 's', port: { name: 'http' } } },
              },
              {},
            ],
            'spec.rules[0].http.paths[2].pathType: Required value: pathType must be specified',
          ],
        ],
        updated: [
          ['/spec/rules/0/http/paths/0', undefined, 'spec.rules[0].http.paths: Required value'],
          [
            '/spec',
            {},
            'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
          ],
          [
            '/spec/rules/0/http/paths/0/backend/service/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.rules[0].http.paths[0].backend.service.name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/spec/rules/0/http/paths/0/pathType',
            '2001:db8::1',
            'spec.rules[0].http.paths[0].pathType: Unsupported value: "2001:db8::1": supported values: "Exact", "ImplementationSpecific", "Prefix"',
          ],
        ],
      },
    );
  });
});
