import { execFile, spawnSync, type ExecFileException } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Where a client of the real thing is: $NAME, the reference binaries of this machine, or PATH; undefined when nowhere. */
export const findProgram = (name: string): string | undefined =>
  candidates(name).find(
    (file) => spawnSync(file, ['version'], { timeout: 10_000 }).error === undefined,
  );

export interface Kubectl {
  readonly file: string;
  /** `1.36.3` */
  readonly version: string;
}

/** One kubectl of every minor version on this machine, the newest first. */
export function findKubectls(): Kubectl[] {
  const byMinor = new Map<number, Kubectl>();
  for (const file of candidates('kubectl')) {
    const { stdout } = spawnSync(file, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    const version = /"gitVersion":\s*"v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version !== undefined && !byMinor.has(minorOf(version)))
      byMinor.set(minorOf(version), { file, version });
  }
  return [...byMinor].sort(([a], [b]) => b - a).map(([, kubectl]) => kubectl);
}

export const minorOf = (version: string): number => Number(version.split('.')[1]);

/** A kubectl of the minor version that is simulated: others print in other words. */
export const findKubectl = (): string | undefined =>
  findKubectls().find(({ version }) => minorOf(version) === 36)?.file;

const root = path.join(import.meta.dirname, '../..');

/** Where a program may be; .ci/run fetches into .cache/bin. */
function candidates(name: string): string[] {
  const given = process.env[name.toUpperCase()];
  return [
    ...(given ? [given] : []),
    path.join(root, '.cache/bin', name),
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
    // A program that ends without having read closes the pipe: how it ended is told above.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** -1 when it did not run to its end by itself: stopped because it took too long, or not to be started. */
function exitCode(error: ExecFileException | null): number {
  if (!error) return 0;
  return typeof error.code === 'number' && !error.killed ? error.code : -1;
}
