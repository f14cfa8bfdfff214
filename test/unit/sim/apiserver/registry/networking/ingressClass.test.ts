import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of IngressClass', () => {
  describe('cls', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'cls' },
        spec: {
          controller: 'example.com/c',
          parameters: {
            apiGroup: 'example.com',
            kind: 'P',
            name: 'p',
            scope: 'Namespace',
            namespace: 'plain',
          },
        },
      },
      {
        created: [
          [
            '/spec/parameters/scope',
            'Bad_Name!',
            'spec.parameters.scope: Unsupported value: "Bad_Name!": supported values: "Cluster", "Namespace"',
          ],
          [
            '/spec/controller',
            '*',
            'spec.controller: Invalid value: "*": must be a domain-prefixed path (such as "acme.io/foo")',
          ],
          [
            '/spec/parameters/namespace',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.parameters.namespace: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          ['/spec', {}, 'spec.controller: Required value'],
          [
            '/spec/parameters',
            { scope: 'Cluster' },
            'spec.parameters.kind: Required value',
            'spec.parameters.name: Required value',
          ],
          [
            '/spec/parameters/name',
            'a/b',
            'spec.parameters.name: Invalid value: "a/b": may not contain \'/\'',
          ],
          [
            '/spec/parameters/kind',
            'example.com/Thing',
            'spec.parameters.kind: Invalid value: "example.com/Thing": may not contain \'/\'',
          ],
        ],
        updated: [
          [
            '/spec/parameters/scope',
            'Bad_Name!',
            'spec.parameters.scope: Unsupported value: "Bad_Name!": supported values: "Cluster", "Namespace"',
          ],
          [
            '/spec/controller',
            '*',
            'spec.controller: Invalid value: "*": field is immutable',
            'spec.controller: Invalid value: "*": must be a domain-prefixed path (such as "acme.io/foo")',
          ],
          [
            '/spec/parameters/namespace',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.parameters.namespace: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/spec',
            {},
            'spec.controller: Invalid value: "": field is immutable',
            'spec.controller: Required value',
          ],
        ],
      },
    );
  });
  describe('ic9', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'ic9' },
        spec: {
          controller: 'example.com/c',
          parameters: {
            apiGroup: 'g.example.com',
            kind: 'K',
            name: 'n',
            scope: 'Namespace',
            namespace: 'ns',
          },
        },
      },
      {
        created: [
          [
            '/spec/controller',
            'x.y',
            'spec.controller: Invalid value: "x.y": must be a domain-prefixed path (such as "acme.io/foo")',
          ],
          [
            '/spec/parameters/kind',
            'a/b',
            'spec.parameters.kind: Invalid value: "a/b": may not contain \'/\'',
          ],
          [
            '/spec/parameters/namespace',
            undefined,
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
          ],
          [
            '/spec/parameters/scope',
            'é',
            'spec.parameters.scope: Unsupported value: "é": supported values: "Cluster", "Namespace"',
          ],
          [
            '/spec/parameters/name',
            '10.0.0.0/33',
            'spec.parameters.name: Invalid value: "10.0.0.0/33": may not contain \'/\'',
          ],
          ['/spec', {}, 'spec.controller: Required value'],
          [
            '/spec/parameters',
            { scope: 'Cluster' },
            'spec.parameters.kind: Required value',
            'spec.parameters.name: Required value',
          ],
        ],
        updated: [
          [
            '/spec/controller',
            'x.y',
            'spec.controller: Invalid value: "x.y": field is immutable',
            'spec.controller: Invalid value: "x.y": must be a domain-prefixed path (such as "acme.io/foo")',
          ],
          [
            '/spec/parameters/kind',
            'a/b',
            'spec.parameters.kind: Invalid value: "a/b": may not contain \'/\'',
          ],
          [
            '/spec/parameters/namespace',
            undefined,
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
          ],
          [
            '/spec/parameters/scope',
            'é',
            'spec.parameters.scope: Unsupported value: "é": supported values: "Cluster", "Namespace"',
          ],
        ],
      },
    );
  });
});
