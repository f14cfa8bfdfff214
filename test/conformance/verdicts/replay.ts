import type { WireRequest, Case } from './cases.ts';
import { readBases, readCases, readWorlds, requestOf } from './cases.ts';
import {
  columns,
  compare,
  differences,
  verdictOf,
  type Agreement,
  type Column,
  type WireResponse,
} from './verdict.ts';
import type { Verdict } from './cases.ts';

export type Identity = 'admin' | 'alice' | 'anonymous';
export type Send = (as: Identity, request: WireRequest) => Promise<WireResponse>;

export interface Result {
  area: string;
  test: Case;
  actual: Verdict;
  same: Agreement;
}

/** Puts the standing objects there that cases rely on. Returns what could not be made. */
export async function setUpWorlds(send: Send): Promise<string[]> {
  const failures: string[] = [];
  for (const { method = 'POST', path, contentType = 'application/json', body } of readWorlds()) {
    const headers = {
      accept: 'application/json',
      'user-agent': 'worlds',
      'content-type': contentType,
    };
    const answer = await send('admin', {
      method,
      url: path,
      headers,
      body: Buffer.from(JSON.stringify(body)),
    });
    if (answer.code >= 300)
      failures.push(`${method} ${path}: ${answer.code} ${answer.text.slice(0, 200)}`);
  }
  return failures;
}

export async function replay(
  send: Send,
  options: { area?: RegExp; id?: string },
): Promise<Result[]> {
  const bases = readBases();
  const results: Result[] = [];
  for (const [area, tests] of readCases()) {
    if (options.area && !options.area.test(area)) continue;
    for (const test of tests) {
      if (options.id !== undefined && test.id !== options.id) continue;
      const request = requestOf(test, bases);
      const as = test.as ?? 'admin';
      const identity = as.startsWith('token:')
        ? 'anonymous'
        : as.startsWith('user:')
          ? 'admin'
          : (as as Identity);
      const actual = await send(identity, request).then(
        (response) => verdictOf(response, request.body),
        (error: unknown): Verdict => ({
          code: 0,
          text: `no response: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        }),
      );
      results.push({ area, test, actual, same: compare(test.response, actual, test.order) });
    }
  }
  return results;
}

const percent = (list: readonly Result[], column: Column): number =>
  list.length ? (100 * list.filter((result) => result.same[column]).length) / list.length : 0;

/** Percentages by area and over all, for the ratchet. */
export function agreement(results: readonly Result[]): Record<string, Record<Column, number>> {
  const areas = [...new Set(results.map((result) => result.area))];
  const row = (list: readonly Result[]) =>
    Object.fromEntries(columns.map((column) => [column, percent(list, column)])) as Record<
      Column,
      number
    >;
  return {
    ...Object.fromEntries(
      areas.map((area) => [area, row(results.filter((result) => result.area === area))]),
    ),
    total: row(results),
  };
}

/** The table by area, the first `show` disagreements, and the totals. */
export function report(results: readonly Result[], show: number): string {
  const line = (title: string, list: readonly Result[]) =>
    `${title.padEnd(34)} ${String(list.length).padStart(5)} ${columns.map((column) => percent(list, column).toFixed(1).padStart(8)).join('')}`;
  const out = [
    `${'area'.padEnd(34)} ${'cases'.padStart(5)} ${columns.map((column) => column.padStart(8)).join('')}`,
  ];
  for (const area of new Set(results.map((result) => result.area)))
    out.push(
      line(
        area,
        results.filter((result) => result.area === area),
      ),
    );
  for (const result of results.filter(({ same }) => !same.all).slice(0, show))
    out.push(describe(result));
  out.push(
    `verdicts: ${results.length} cases, ${columns.map((column) => `${column} ${percent(results, column).toFixed(1)}%`).join(', ')}`,
  );
  return out.join('\n');
}

function describe({ test, actual, same }: Result): string {
  const lines = [
    `\n${test.id}: ${test.about}  (${columns.filter((column) => !same[column]).join(', ')})`,
    `  real  ${short(test.response)}`,
    `  here  ${short(actual)}`,
  ];
  if (!same.object && test.response.object && actual.object) {
    lines.push(
      ...differences(test.response.object, actual.object)
        .slice(0, 6)
        .map((text) => `    ${text}`),
    );
  }
  return lines.join('\n');
}

function short({ object, details, ...rest }: Verdict): string {
  return JSON.stringify({
    ...rest,
    ...(details?.causes && { causes: details.causes }),
    ...(object !== undefined && { object: '…' }),
  }).slice(0, 700);
}
