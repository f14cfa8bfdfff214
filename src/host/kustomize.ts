import { execFile } from 'node:child_process';

/** What `kubectl kustomize` makes of a folder; undefined when there is no kubectl. Fails with kubectl's words. */
export function kustomize(folder: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(
      'kubectl',
      ['kustomize', folder],
      { timeout: 30_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (error.code === 'ENOENT') resolve(undefined);
        else reject(new Error(stderr.trim() || error.message));
      },
    );
  });
}
