import { execFile } from 'node:child_process';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/extension.ts';

// Runs in the extension host: 100,000 keys are written, looked through and searched.

const bench = path.join(process.env['BENCH_KEYS'] ?? '', 'fill.ts');
const run_ = (command: string, ...args: unknown[]) =>
  vscode.commands.executeCommand(command, ...args);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<ExtensionApi>(
    'kubernetes-internals.kubernetes-internals',
  );
  if (!extension) throw new Error('the extension is not there');
  const { source } = await extension.activate();
  await run_('k8sInternals.keys.focus');
  await run_('k8sInternals.cluster.start');
  await pause(5000);
  if (source.state.phase !== 'running') throw new Error('the cluster does not run');
  const { etcdEndpoint } = source.state.connection;

  await measured('the extension host at rest', () => pause(2000));
  const start = performance.now();
  await measured('while 100,000 keys are written, the tree open at its root', () =>
    promisify(execFile)(process.execPath, [bench, etcdEndpoint]),
  );
  console.log(`bench: written in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  await pause(1500);
  const { keys } = source;
  const now = (await keys.children('')).revision;

  for (const [name, ask] of Object.entries({
    'the root': () => keys.children(''),
    'a level of 70,000 keys': () => keys.children('/bench/flat/'),
    'a group of it': () => keys.children('/bench/flat/key-042'),
    'a level of 300 prefixes': () => keys.children('/bench/nested/'),
    'a search that finds much': () => keys.search('key-0', 200),
    'a search for one key of them': () => keys.search('object-29999', 200),
    'a search that finds nothing': () => keys.search('no-such-key', 200),
    'the level of 70,000 keys, 100 revisions ago': () =>
      keys.children('/bench/flat/', { revision: now - 100 }),
    'the same, again': () => keys.children('/bench/flat/', { revision: now - 100 }),
    'the root before all of it': () => keys.children('', { revision: now - 1000 }),
    'the same, a revision later': () => keys.children('', { revision: now - 999 }),
    'a search in the past': () => keys.search('no-such-key', 200, now - 500),
  }))
    await answered(name, ask);

  await measured('a level is opened, then a group; it is scrolled through', async () => {
    await run_('k8sInternals.keys.focus');
    await run_('list.focusFirst');
    for (let level = 0; level < 3; level++) {
      await run_('list.expand');
      await pause(500);
      await run_('list.focusDown');
    }
    for (let page = 0; page < 60; page++) {
      await run_('list.focusPageDown');
      await pause(30);
    }
  });
  const next = setInterval(() => {
    void promisify(execFile)(process.execPath, [bench, etcdEndpoint, '200', '0']);
  }, 1000);
  await measured('the same levels while 200 of their keys change every second', () => pause(6000));
  clearInterval(next);
}

/** How long the extension host was blocked meanwhile. */
async function measured(name: string, body: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await body();
  delay.disable();
  const ms = (nanos: number) => (nanos / 1e6 - 1).toFixed(1);
  console.log(
    `bench: ${name}: the extension host was blocked for at most ${ms(delay.max)} ms, 99.9% ${ms(delay.percentile(99.9))} ms`,
  );
}

/** How long the worker's answer takes: the first, and the median of ten. */
async function answered(name: string, ask: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let times_ = 0; times_ < 11; times_++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  const [first = 0, ...others] = times;
  const median = others.sort((a, b) => a - b)[5] ?? 0;
  console.log(`bench: ${name}: ${first.toFixed(1)} ms, then ${median.toFixed(1)} ms`);
}
