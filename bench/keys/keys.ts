/**
 * 100,000 keys in the tree of a real VS Code: how long the extension host is blocked, and how long the cluster's thread
 * takes to answer: node scripts/build.ts --production && node bench/keys/keys.ts
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Workbench } from '../../test/support/workbench.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-bench-'));
process.env['BENCH_KEYS'] = import.meta.dirname;
try {
  const tests = path.join(folder, 'run.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'inHost.ts')],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  const { code, log } = await Workbench.runInHost({ folder, tests });
  const lines = log.filter((line) => code !== 0 || line.startsWith('bench:'));
  console.log(lines.join('\n'));
  process.exitCode = code;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
