import assert from 'node:assert/strict';
import { dryRun } from '../../../src/sim/dryRun.ts';
import { nearest } from '../../../src/sim/fixes.ts';
import type { DocumentVerdict } from '../../../src/source/port.ts';
import { parseDocuments } from '../../../src/yaml/documents.ts';
import { textEditOf } from '../../../src/yaml/edits.ts';
import { drain } from '../../support/drain.ts';
import { plainTokens } from '../../support/plainTokens.ts';
import { Simulation } from '../../support/simulation.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
      tier: front
  template:
    metadata:
      labels:
        app: web
        tier: front
    spec:
      containers:
        - name: nginx
          image: nginx
          imagePullPolicy: Always
`;

/** What is wrong with the Deployment, and the title of the fix. */
const cases: readonly [from: string, to: string, title: string][] = [
  ['  replicas: 2', '  replcias: 2', 'Change to replicas'],
  ['imagePullPolicy: Always', 'imagepullpolicy: Always', 'Change to imagePullPolicy'],
  ['imagePullPolicy: Always', 'imagePullPolicy: Alway', 'Change to Always'],
  ['imagePullPolicy: Always', 'imagePullPolicy: always', 'Change to Always'],
  [
    '        app: web\n        tier: front',
    '        app: wrong\n        tier: front',
    'Give the template the labels that the selector looks for',
  ],
  [
    '        app: web\n        tier: front',
    '        app: web',
    'Give the template the labels that the selector looks for',
  ],
  ['apps/v1', 'extensions/v1beta1', 'Use apiVersion apps/v1'],
  ['apps/v1', 'apps/v1beta2', 'Use apiVersion apps/v1'],
  ['kind: Deployment', 'kind: Deploymnet', 'Change kind to Deployment'],
  ['  name: web', '  name: Web_Front', 'Change to web-front'],
  ['  name: web', '  name: web\n  namespace: nowhere', 'Add Namespace nowhere before it'],
  ['replicas: 2', 'replicas: "2"', 'Change to 2'],
  ['        tier: front\n    spec', '        tier: front\n        on: true\n    spec', 'Quote it'],
  ['name: nginx', 'name: 8080', 'Quote it'],
];

describe('fixesOf', () => {
  let simulation: Simulation;
  before(async () => {
    simulation = await Simulation.start({ nodes: 1 });
  });

  const judge = async (text: string): Promise<DocumentVerdict | undefined> => {
    const documents = parseDocuments(text).flatMap((it) =>
      it.type === 'object' ? [{ object: it.object }] : [],
    );
    const { store, apiServer } = simulation.cluster;
    const cluster = { seed: 1, nodes: 1, caPem: '', tokens: plainTokens };
    const parts = { store, apiServer, now: simulation.loop.now(), drain, cluster };
    const result = await dryRun(parts, { documents, forwardSeconds: 0 });
    return result.documents.at(-1);
  };

  for (const [from, to, title] of cases)
    it(`${JSON.stringify(to)}: ${title}`, async () => {
      const text = deployment.replace(from, to);
      assert.notEqual(text, deployment);
      const refused = await judge(text);
      assert.equal(refused?.outcome, 'rejected');
      const fix = refused.fixes?.find((it) => it.title === title);
      assert.ok(fix, `${refused.message}: ${JSON.stringify(refused.fixes)}`);
      assert.ok(fix.isCertain);
      const [document] = parseDocuments(text);
      assert.equal(document?.type, 'object');
      const edits = fix.edits.map((edit) => textEditOf(text, document, edit));
      const fixed = edits
        .map((edit) => edit ?? assert.fail('the text has no place for the fix'))
        .sort((a, b) => b.range.start - a.range.start)
        .reduce(
          (all, { range, text }) => all.slice(0, range.start) + text + all.slice(range.end),
          text,
        );
      const accepted = await judge(fixed);
      assert.equal(accepted?.outcome, 'created', `${fixed}\n${accepted?.message ?? ''}`);
    });
});

describe('nearest', () => {
  const names = ['containers', 'initContainers', 'restartPolicy', 'nodeName'];
  const table: readonly [wrong: string, meant: string | undefined][] = [
    ['container', 'containers'],
    ['contianers', 'containers'],
    ['RestartPolicy', 'restartPolicy'],
    ['nodename', 'nodeName'],
    ['volumes', undefined],
  ];
  for (const [wrong, meant] of table)
    it(`${wrong}: ${meant ?? 'nothing'}`, () => assert.equal(nearest(wrong, names), meant));
});
