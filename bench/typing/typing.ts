/**
 * How long the extension host is blocked while somebody types in a file of 2,000 lines with the dry-run as one types, in a
 * real VS Code: node scripts/build.ts --production && node bench/typing/typing.ts
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Workbench } from '../../test/support/workbench.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-bench-'));
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
  // VS Code's own share, and this machine's, shows without the extension.
  const none = path.join(folder, 'none');
  fs.mkdirSync(none);
  fs.writeFileSync(
    path.join(none, 'package.json'),
    JSON.stringify({ name: 'none', publisher: 'none', version: '0.0.1', engines: { vscode: '*' } }),
  );
  for (const options of [{ extension: none }, {}]) {
    const { code, log } = await Workbench.runInHost({ folder, tests, ...options });
    const lines = log.filter((line) => code !== 0 || line.startsWith('bench:'));
    console.log(lines.join('\n'));
    process.exitCode ||= code;
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
