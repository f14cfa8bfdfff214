import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { controllerRevisionHash, podTemplateHash, sortedJson } from '../../../src/api/hash.ts';
import type { JsonValue } from '../../../src/api/meta.ts';
import type { PodTemplateSpec } from '../../../src/api/types/coreV1.ts';

interface Case {
  readonly id: string;
  readonly defaulted: PodTemplateSpec;
  readonly deployment?: { readonly hash: string };
  readonly daemonset?: { readonly labels: Record<string, string> };
  readonly statefulset?: { readonly labels: Record<string, string>; readonly data: JsonValue };
}

const file = new URL('../../conformance/data/scenarios/pod-template-hashes.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };

describe('hashes of pod templates', () => {
  it('has the recorded pairs', () => assert.ok(cases.length >= 20, String(cases.length)));
  for (const { id, defaulted, deployment, daemonset, statefulset } of cases) {
    if (deployment)
      it(`${id}: pod-template-hash`, () =>
        assert.equal(podTemplateHash(defaulted), deployment.hash));
    if (daemonset)
      it(`${id}: controller-revision-hash of a DaemonSet`, () =>
        assert.equal(podTemplateHash(defaulted), daemonset.labels['controller-revision-hash']));
    if (statefulset)
      it(`${id}: hash of a StatefulSet's revision`, () =>
        assert.equal(
          controllerRevisionHash(sortedJson(statefulset.data), 0),
          statefulset.labels['controller.kubernetes.io/hash'],
        ));
  }
});
