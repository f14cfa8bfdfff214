import { execFile, spawnSync, type ExecFileException } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Where a client of the real thing is: $NAME, the reference binaries of this machine, or PATH; undefined when nowhere. */
export const findProgram = (name: string): string | undefined =>
  candidates(name).find(
    (file) => spawnSync(file, ['version'], { timeout: 10_000 }).error === undefined,
  );

/** A kubectl of the minor version that is simulated: others print in other words. */
export const findKubectl = (): string | undefined =>
  candidates('kubectl').find((file) => {
    const { stdout } = spawnSync(file, ['version', '--client'], { encoding: 'utf8' });
    return /^Client Version: v1\.36\./m.test(stdout);
  });

function candidates(name: string): string[] {
  const given = process.env[name.toUpperCase()];
  return [
    ...(given ? [given] : []),
    `/tmp/kube-reference/bin/${name}`,
    ...(process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name)),
  ].filter((file) => fs.existsSync(file));
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
    /** 20 s unless given. */
    readonly timeoutMs?: number;
  } = {},
): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      {
        env: { ...process.env, ...options.env },
        cwd: options.cwd,
        timeout: options.timeoutMs ?? 20_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => resolve({ code: exitCode(error), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** -1 when it was stopped because it took too long. */
function exitCode(error: ExecFileException | null): number {
  if (error?.killed) return -1;
  return typeof error?.code === 'number' ? error.code : 0;
}
