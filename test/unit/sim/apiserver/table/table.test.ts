import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '../../../../../src/api/meta.ts';
import { humanDuration } from '../../../../../src/sim/apiserver/table/format.ts';
import { toTable } from '../../../../../src/sim/apiserver/table/table.ts';

const facts = path.join(import.meta.dirname, '../../../../conformance/data/facts');
// Rows that are known to differ, with what is missing. The list may only get shorter.
const open = new Set<string>([
  'endpoints.v1 ep-not-ready',
  'events.v1 ev-no-kind',
  'horizontalpodautoscalers.v1.autoscaling hpa-v1-annotations',
  'flowschemas.v1.flowcontrol.apiserver.k8s.io fs-minimal',
  'mutatingadmissionpolicybindings.v1.admissionregistration.k8s.io mapb-params',
  'widgets.v1.example.com w-minimal',
  'widgets.v1.example.com w-spec',
  'widgets.v1.example.com w-full',
  'apiservices.v1.apiregistration.k8s.io v1alpha1.metrics.example.com',
]);
const age = /^(?:<invalid>|\d+(?:y\d+d|y|d\d+h|d|h\d+m|h|m\d+s|m|s))$/;

describe('tables', () => {
  const rows = fs
    .readFileSync(path.join(facts, 'table-cells.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { resource: string; object: KubeObject; cells: unknown[] });
  for (const { resource, object, cells } of rows) {
    if (open.has(`${resource} ${object.metadata.name ?? ''}`)) continue;
    it(`${resource} ${object.metadata.name ?? ''}`, () => {
      const [plural = '', version = '', ...group] = resource.split('.');
      const timed = JSON.parse(
        JSON.stringify(object).replaceAll('<time>', '2026-11-21T00:00:00Z'),
      ) as KubeObject;
      const table = toTable(
        { group: group.join('.'), version, resource: plural },
        [timed],
        {},
        { now: Date.parse('2026-11-21T00:01:00Z') * 1000, includeObject: 'None' },
      ) as unknown as { rows: { cells: unknown[] }[] };
      const actual = (table.rows[0]?.cells ?? []).map((cell, index) => {
        if (cell === '2026-11-21T00:00:00Z') return '<time>';
        const expected = String(cells[index]);
        if (typeof cell === 'string' && expected === '<age>' && age.test(cell)) return '<age>';
        if (typeof cell === 'string' && expected.includes('(<age> ago)'))
          return cell.replace(/\(\S+ ago\)/, '(<age> ago)');
        return cell;
      });
      assert.deepEqual(actual, cells);
    });
  }

  const durations = JSON.parse(fs.readFileSync(path.join(facts, 'durations.json'), 'utf8')) as [
    number,
    string,
  ][];
  for (const [seconds, text] of durations)
    it(`${seconds} s are ${text}`, () => assert.equal(humanDuration(seconds), text));
});
