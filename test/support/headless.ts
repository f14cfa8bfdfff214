import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

/** The command line's cluster in a process of its own. */
export interface Headless {
  readonly child: ChildProcess;
  readonly env: { readonly KUBECONFIG: string; readonly ETCDCTL_ENDPOINTS: string };
  /** Ends it, and resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  stdout(): string;
  stderr(): string;
}

/** Resolves when it serves. */
export function startHeadless(...flags: string[]): Promise<Headless> {
  const child = spawn(process.execPath, ['src/host/cli/main.ts', '--headless', ...flags], {
    cwd: root,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const address = /ETCDCTL_ENDPOINTS=(\S+)\n/.exec(stdout)?.[1];
      if (address === undefined) return;
      resolve({
        child,
        env: {
          KUBECONFIG: /KUBECONFIG=(\S+)\n/.exec(stdout)?.[1] ?? '',
          ETCDCTL_ENDPOINTS: address,
        },
        end: (signal) => {
          child.kill(signal);
          return ended;
        },
        stdout: () => stdout,
        stderr: () => stderr,
      });
    });
    void ended.then(() => reject(new Error(`ended early: ${stderr}`)));
  });
}
