import fs from 'node:fs';
import path from 'node:path';
import type { JsonObject, KubeObject } from '../../../src/api/meta.ts';
import { ScenarioServer } from '../../support/scenarioServer.ts';
import { dataFolder } from '../verdicts/cases.ts';

interface HashCase {
  id: string;
  template: JsonObject;
  deployment: { replicaSet: string };
  statefulset: { controllerRevision: string };
  daemonset: { controllerRevision: string };
}

export interface HashResult {
  readonly checks: number;
  /** A line for each name that is not the recorded one. */
  readonly wrong: readonly string[];
}

/** Makes a Deployment, a StatefulSet and a DaemonSet of each recorded template and looks at the names that follow from it. */
export async function checkHashes(): Promise<HashResult> {
  const file = path.join(dataFolder, 'scenarios/pod-template-hashes.json');
  const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: HashCase[] };
  const server = new ScenarioServer();
  await server.start();
  const apps = '/apis/apps/v1/namespaces/default';
  const kinds = [
    ['Deployment', 'replicasets', { replicas: 0 }],
    ['StatefulSet', 'controllerrevisions', { replicas: 0, serviceName: 'web' }],
    ['DaemonSet', 'controllerrevisions', {}],
  ] as const;
  const wrong: string[] = [];
  for (const { id, template, deployment, statefulset, daemonset } of cases) {
    const wanted = [
      deployment.replicaSet,
      statefulset.controllerRevision,
      daemonset.controllerRevision,
    ];
    for (const [index, [kind, resource, more]] of kinds.entries()) {
      const spec = { selector: { matchLabels: { app: 'web' } }, template, ...more };
      const body = { apiVersion: 'apps/v1', kind, metadata: { name: id }, spec };
      const url = `${apps}/${kind.toLowerCase()}s`;
      await server.request('POST', url, { body });
      await server.sleep(200);
      const { body: list } = await server.request('GET', `${apps}/${resource}`);
      const { items } = list as { items: KubeObject[] };
      const names = items
        .filter(({ metadata }) =>
          metadata.ownerReferences?.some((owner) => owner.kind === kind && owner.name === id),
        )
        .map(({ metadata }) => metadata.name ?? '');
      if (names[0] !== wanted[index] || names.length > 1)
        wrong.push(`${id}: ${kind} ${wanted[index] ?? ''} -> ${names.join(', ')}`);
    }
  }
  return { checks: cases.length * kinds.length, wrong };
}
