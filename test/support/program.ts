import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Where a client of the real thing is: $NAME, the reference binaries of this machine, or PATH; undefined when nowhere. */
export function findProgram(name: string): string | undefined {
  const given = process.env[name.toUpperCase()];
  const candidates = [
    ...(given ? [given] : []),
    `/tmp/kube-reference/bin/${name}`,
    ...(process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name)),
  ];
  return candidates.find((file) => {
    if (!fs.existsSync(file)) return false;
    return spawnSync(file, ['version'], { timeout: 10_000 }).error === undefined;
  });
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function run(
  file: string,
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly input?: string;
    readonly cwd?: string;
  } = {},
): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { env: { ...process.env, ...options.env }, cwd: options.cwd, timeout: 20_000 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}
