import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('CronJob', () => {
  const kind = {
    url: '/apis/batch/v1/namespaces/default/cronjobs',
    valid: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: {
        schedule: '0 3 * * *',
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } },
          },
        },
      },
    },
  };

  refusedCreations(kind, [
    [
      '/metadata/name',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 52 characters',
    ],
    ['/spec/schedule', '', 'spec.schedule: Required value'],
    [
      '/spec/schedule',
      'x',
      'spec.schedule: Invalid value: "x": expected exactly 5 fields, found 1: [x]',
    ],
    [
      '/spec/schedule',
      '60 * * * *',
      'spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60',
    ],
    [
      '/spec/schedule',
      '*/0 * * * *',
      'spec.schedule: Invalid value: "*/0 * * * *": step of range should be a positive number: */0',
    ],
    ['/spec/schedule', '@daily'],
    ['/spec/schedule', '@every 1h'],
    [
      '/spec/schedule',
      '5-1 * * * *',
      'spec.schedule: Invalid value: "5-1 * * * *": beginning of range (5) beyond end of range (1): 5-1',
    ],
    [
      '/spec/schedule',
      'TZ=UTC 0 * * * *',
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      '/spec/schedule',
      '* * * *',
      'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]',
    ],
    [
      '/spec/timeZone',
      '',
      'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string',
    ],
    [
      '/spec/timeZone',
      'Local',
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
    [
      '/spec/timeZone',
      'Mars/Base',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    ],
    ['/spec/timeZone', 'Europe/Berlin'],
    [
      '/spec/concurrencyPolicy',
      'X',
      'spec.concurrencyPolicy: Unsupported value: "X": supported values: "Allow", "Forbid", "Replace"',
    ],
    [
      '/spec/startingDeadlineSeconds',
      -1,
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/successfulJobsHistoryLimit',
      -1,
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/failedJobsHistoryLimit',
      -1,
      'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/jobTemplate/spec/manualSelector',
      true,
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
    [
      '/spec/jobTemplate/spec/template/spec/restartPolicy',
      'Always',
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      '/spec/jobTemplate/spec/backoffLimit',
      -1,
      'spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/schedule',
      'x',
      'spec.schedule: Invalid value: "x": expected exactly 5 fields, found 1: [x]',
    ],
    [
      '/spec/timeZone',
      'Mars/Base',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    ],
    ['/spec/suspend', true],
  ]);
});
