import { refusedCreations } from '../../../../../support/refusals.ts';

describe('resources', () => {
  const kind = {
    url: '/api/v1/namespaces/default/pods',
    valid: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.27' }],
        automountServiceAccountToken: false,
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/containers/0/resources',
      { limits: { cpu: '1' }, requests: { cpu: '2' } },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      '/spec/containers/0/resources',
      { requests: { cpu: '-1' } },
      'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      '/spec/containers/0/resources',
      { requests: { foo: '1' } },
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
    ],
    [
      '/spec/containers/0/resources',
      { requests: { 'example.com/gpu': '1' } },
      'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
    ],
    [
      '/spec/containers/0/resources',
      { limits: { 'example.com/gpu': '1500m' } },
      'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
      'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
    ],
    [
      '/spec/containers/0/resources',
      { requests: { 'hugepages-2Mi': '2Mi' } },
      'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
      'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
    ],
    [
      '/spec/containers/0/resources',
      { limits: { 'hugepages-2Mi': '3Mi', memory: '1Gi' } },
      'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    ],
    [
      '/spec/containers/0/resources',
      { limits: { 'hugepages-2Mi': '2Mi' } },
      'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
    ],
    [
      '/spec/containers/0/resources',
      { requests: { 'requests.cpu': '1' } },
      'spec.containers[0].resources.requests[requests.cpu]: Invalid value: "requests.cpu": must be a standard resource for containers',
    ],
    [
      '/spec/containers/0/resources',
      { claims: [{ name: 'x' }] },
      'spec.containers[0].resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty',
    ],
    [
      '/spec/overhead',
      { cpu: '1' },
      'pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      '/spec/resources',
      { requests: { 'ephemeral-storage': '1' } },
      'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ],
    [
      '/spec/resources',
      { limits: { cpu: '1' }, requests: { cpu: '2' } },
      'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      '/spec/resourceClaims',
      [{ name: 'a' }],
      'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
    [
      '/spec/resourceClaims',
      [{ name: 'a', resourceClaimName: 'x', resourceClaimTemplateName: 'y' }],
      'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":"x","ResourceClaimTemplateName":"y"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
    ],
  ]);
});
