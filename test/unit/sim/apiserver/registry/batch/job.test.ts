import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Job', () => {
  const kind = {
    url: '/apis/batch/v1/namespaces/default/jobs',
    valid: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: {
        manualSelector: true,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] },
        },
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/template/spec/restartPolicy',
      'Always',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      '/spec/parallelism',
      -1,
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/completions',
      -1,
      'spec.completions: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/activeDeadlineSeconds',
      -1,
      'spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/backoffLimit',
      -1,
      'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/ttlSecondsAfterFinished',
      -1,
      'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/completionMode',
      'X',
      'spec.completionMode: Unsupported value: "X": supported values: "NonIndexed", "Indexed"',
    ],
    ['/spec/completionMode', 'Indexed'],
    [
      '/spec/backoffLimitPerIndex',
      1,
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      '/spec/maxFailedIndexes',
      1,
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
    [
      '/spec/managedBy',
      'x',
      'spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    ['/spec/managedBy', 'example.com/x'],
    [
      '/spec/podReplacementPolicy',
      'X',
      'spec.podReplacementPolicy: Unsupported value: "X": supported values: "Failed", "TerminatingOrFailed"',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [{ action: 'X' }] },
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "X": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }] },
      'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [{ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [3, 1] } }] },
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,1]: must be ordered',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] },
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'a b', status: 'X' }] }] },
      "spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "X": supported values: "False", "True", "Unknown"',
    ],
    [
      '/spec/successPolicy',
      { rules: [] },
      'spec.successPolicy: Invalid value: {"Rules":[]}: requires indexed completion mode',
    ],
    [
      '/spec/selector',
      undefined,
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/selector/matchLabels/app',
      'x',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/template/spec/containers/0/image',
      '',
      'spec.template.spec.containers[0].image: Required value',
    ],
  ]);

  refusedUpdates(kind, [
    ['/spec/completions', 5, 'spec.completions: Invalid value: 5: field is immutable'],
    ['/spec/parallelism', 5],
    [
      '/spec/selector/matchLabels/x',
      'y',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      'spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable',
    ],
    [
      '/spec/completionMode',
      'Indexed',
      'spec.completionMode: Invalid value: "Indexed": field is immutable',
    ],
    [
      '/spec/podFailurePolicy',
      { rules: [] },
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.podFailurePolicy: Invalid value: {"Rules":[]}: field is immutable',
    ],
    [
      '/spec/backoffLimitPerIndex',
      3,
      'spec.backoffLimitPerIndex: Invalid value: 3: requires indexed completion mode',
      'spec.backoffLimitPerIndex: Invalid value: 3: requires indexed completion mode',
      'spec.backoffLimitPerIndex: Invalid value: 3: field is immutable',
    ],
    [
      '/spec/managedBy',
      'example.com/x',
      'spec.managedBy: Invalid value: "example.com/x": field is immutable',
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { active: -1 },
        'status.active: Invalid value: -1: must be greater than or equal to 0',
      ],
      [
        '/status',
        { completedIndexes: '0' },
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      ],
      [
        '/status',
        { conditions: [{ type: 'Complete', status: 'True' }] },
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        'status.startTime: Required value: startTime is required for finished job',
      ],
      [
        '/status',
        { succeeded: 1, uncountedTerminatedPods: { succeeded: ['a', 'a'], failed: [''] } },
        'status.uncountedTerminatedPods.succeeded[1]: Duplicate value: "a"',
        'status.uncountedTerminatedPods.failed[0]: Invalid value: "": must not be empty',
      ],
      [
        '/status',
        { completionTime: '2026-01-01T00:00:00Z' },
        'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": cannot set completionTime when there is no Complete=True condition',
      ],
      [
        '/status',
        { ready: 3, active: 1 },
        'status.ready: Invalid value: 3: cannot set more ready pods than active',
      ],
    ],
    'status',
  );
});
