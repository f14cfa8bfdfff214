import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Workbench, type WorkbenchOptions } from './workbench.ts';

/** Makes a module, whose run() shall run in an extension host, one file there; returns its path. */
export async function bundleForHost(module: string, folder: string): Promise<string> {
  const outfile = path.join(folder, 'run.cjs');
  await build({
    entryPoints: [module],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  return outfile;
}

/**
 * Runs a module in the extension host of a VS Code with an empty folder, once for each of the options (with the extension
 * alone unless given), and prints its lines that begin with `bench:`; all lines, and a failing exit code, when it fails.
 */
export async function benchInHost(
  module: string,
  runs: (folder: string) => readonly Partial<WorkbenchOptions>[] = () => [{}],
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-bench-'));
  try {
    const tests = await bundleForHost(module, folder);
    for (const options of runs(folder)) {
      const { code, log } = await Workbench.runInHost({ folder, tests, ...options });
      console.log(log.filter((line) => code !== 0 || line.startsWith('bench:')).join('\n'));
      process.exitCode ||= code;
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
