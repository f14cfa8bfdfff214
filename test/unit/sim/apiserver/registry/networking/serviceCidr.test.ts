import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ServiceCIDR', () => {
  itJudges(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'more' },
      spec: { cidrs: ['10.97.0.0/16'] },
    },
    {
      created: [
        [
          '/spec/cidrs/0',
          'a/b',
          'spec.cidrs[0]: Invalid value: "a/b": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ],
        [
          '/spec/cidrs',
          ['10.97.0.0/16', '10.97.0.0/16'],
          'spec.cidrs: Invalid value: ["10.97.0.0/16","10.97.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ],
        ['/spec', {}, 'spec.cidrs: Required value: at least one CIDR required'],
      ],
      updated: [
        ['/spec/cidrs/0', 'a/b', 'spec.cidrs[0]: Invalid value: "a/b": field is immutable'],
        [
          '/spec/cidrs',
          ['10.97.0.0/16', '10.97.0.0/16'],
          'spec.cidrs: Invalid value: ["10.97.0.0/16","10.97.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ],
        ['/spec', {}, 'spec.cidrs: Invalid value: null: field is immutable'],
      ],
    },
  );
});
