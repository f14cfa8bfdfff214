import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('PodTemplate', () => {
  const kind = {
    url: '/api/v1/namespaces/default/podtemplates',
    valid: {
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 't' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
      },
    },
  };

  refusedCreations(kind, [
    ['/template/spec/containers', [], 'template.spec.containers: Required value'],
    [
      '/template/spec/containers/0/name',
      'A',
      "template.spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      '/template/metadata/labels/app',
      'a b',
      "template.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    ['/template/spec/restartPolicy', 'Never'],
    [
      '/template/spec/ephemeralContainers',
      [{ name: 'e', image: 'x' }],
      'template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ],
  ]);

  refusedUpdates(kind, [
    ['/template/spec/containers/0/image', '', 'template.spec.containers[0].image: Required value'],
  ]);
});
