import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of CustomResourceDefinition', () => {
  describe('boats.sea.example.com', () => {
    itJudges(
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'boats.sea.example.com' },
        spec: {
          group: 'sea.example.com',
          scope: 'Namespaced',
          names: {
            plural: 'boats',
            singular: 'boat',
            kind: 'Boat',
            listKind: 'BoatList',
            shortNames: ['bt'],
            categories: ['all'],
          },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              deprecated: false,
              subresources: {
                status: {},
                scale: {
                  specReplicasPath: '.spec.n',
                  statusReplicasPath: '.status.n',
                  labelSelectorPath: '.status.sel',
                },
              },
              additionalPrinterColumns: [
                { name: 'N', type: 'integer', jsonPath: '.spec.n', priority: 0 },
              ],
              selectableFields: [{ jsonPath: '.spec.color' }],
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'object',
                      properties: {
                        n: { type: 'integer', minimum: 0, default: 1 },
                        color: { type: 'string', enum: ['red'] },
                        tags: {
                          type: 'array',
                          'x-kubernetes-list-type': 'set',
                          items: { type: 'string' },
                        },
                      },
                      'x-kubernetes-validations': [{ rule: 'self.n > 0', message: 'm' }],
                    },
                    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  },
                },
              },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/versions/0/selectableFields/0/jsonPath',
            '',
            'spec.selectableFields[0].jsonPath: Required value',
          ],
          [
            '/spec/versions/0/schema',
            undefined,
            'spec.versions[0].schema.openAPIV3Schema: Required value',
            'spec.selectableFields: Invalid value: "": may only be set when validations.schema is included',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/status/type',
            '*',
            'spec.validation.openAPIV3Schema.properties[status].type: Unsupported value: "*": supported values: "array", "boolean", "integer", "number", "object", "string"',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/n',
            {},
            'spec.validation.openAPIV3Schema.properties[spec].properties[n].type: Required value: must not be empty for specified object fields',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/items/type',
            ' a ',
            'spec.validation.openAPIV3Schema.properties[spec].properties[tags].items.type: Unsupported value: " a ": supported values: "array", "boolean", "integer", "number", "object", "string"',
          ],
          [
            '/spec/versions/0/additionalPrinterColumns/0/name',
            '',
            'spec.additionalPrinterColumns[0].name: Required value',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/x-kubernetes-list-type',
            'x.y',
            'spec.validation.openAPIV3Schema.properties[spec].properties[tags].x-kubernetes-list-type: Unsupported value: "x.y": supported values: "atomic", "set", "map"',
          ],
          [
            '/spec/versions/0/subresources/scale/labelSelectorPath',
            '10.0.0.0/33',
            'spec.subresources.scale.labelSelectorPath: Invalid value: "10.0.0.0/33": must be a simple json path starting with .',
          ],
          [
            '/spec/versions/0/subresources/scale/statusReplicasPath',
            ' a ',
            'spec.subresources.scale.statusReplicasPath: Invalid value: " a ": must be a simple json path starting with .',
          ],
        ],
      },
    );
  });
  describe('ships.sea.example.com', () => {
    itJudges(
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'ships.sea.example.com' },
        spec: {
          group: 'sea.example.com',
          scope: 'Cluster',
          names: { plural: 'ships', kind: 'Ship', shortNames: ['sh'], categories: ['all'] },
          preserveUnknownFields: false,
          conversion: {
            strategy: 'Webhook',
            webhook: {
              conversionReviewVersions: ['v1'],
              clientConfig: { service: { namespace: 'n', name: 's', path: '/c' } },
            },
          },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'object',
                      required: ['size'],
                      properties: {
                        size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
                        tags: {
                          type: 'array',
                          maxItems: 10,
                          'x-kubernetes-list-type': 'set',
                          items: { type: 'string', maxLength: 10 },
                        },
                        parts: {
                          type: 'array',
                          'x-kubernetes-list-type': 'map',
                          'x-kubernetes-list-map-keys': ['name'],
                          items: {
                            type: 'object',
                            required: ['name'],
                            properties: {
                              name: { type: 'string', maxLength: 5 },
                              n: { type: 'integer' },
                            },
                            'x-kubernetes-validations': [
                              {
                                rule: 'self.n < 5',
                                message: 'few',
                                fieldPath: '.n',
                                reason: 'FieldValueForbidden',
                              },
                            ],
                          },
                          maxItems: 20,
                        },
                        any: {
                          'x-kubernetes-int-or-string': true,
                          anyOf: [{ type: 'integer' }, { type: 'string' }],
                        },
                        labels: { type: 'object', additionalProperties: { type: 'string' } },
                      },
                      'x-kubernetes-validations': [
                        { rule: 'self.size >= oldSelf.size', messageExpression: "'grew'" },
                      ],
                    },
                    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
                  },
                },
              },
              subresources: {
                status: {},
                scale: {
                  specReplicasPath: '.spec.size',
                  statusReplicasPath: '.status.replicas',
                  labelSelectorPath: '.status.selector',
                },
              },
              additionalPrinterColumns: [
                {
                  name: 'Size',
                  type: 'integer',
                  format: 'int32',
                  jsonPath: '.spec.size',
                  priority: 1,
                },
              ],
              selectableFields: [{ jsonPath: '.spec.size' }],
            },
            {
              name: 'v2',
              served: true,
              storage: false,
              deprecated: true,
              deprecationWarning: 'old',
              schema: {
                openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/parts/x-kubernetes-list-map-keys/0',
            ' a ',
            'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[parts].x-kubernetes-list-map-keys: Invalid value: [" a "]: entries must all be names of item properties',
          ],
          [
            '/spec/versions/0/additionalPrinterColumns/0/type',
            'A',
            'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "A": must be one of boolean,date,integer,number,string',
          ],
          [
            '/spec/versions/1/deprecated',
            false,
            'spec.versions[1].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/x-kubernetes-list-type',
            'é',
            'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[tags].x-kubernetes-list-type: Unsupported value: "é": supported values: "atomic", "set", "map"',
          ],
          [
            '/spec/conversion/webhook/clientConfig/service/name',
            '',
            'spec.conversion.webhookClientConfig.service.namespace: Required value',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/any/anyOf/1',
            undefined,
            'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[any].anyOf[0].type: Forbidden: must be empty to be structural',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/parts/items/properties/name/type',
            '',
            'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[parts].items.properties[name].type: Required value: must not be empty for specified object fields',
          ],
          [
            '/spec/versions/1/schema/openAPIV3Schema/x-kubernetes-preserve-unknown-fields',
            false,
            'spec.versions[1].schema.openAPIV3Schema.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
          ],
          [
            '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/parts/items/required/0',
            '*',
            'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[parts].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ],
        ],
      },
    );
  });
});
