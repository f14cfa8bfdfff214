import fs from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { KeyPair } from './tls.ts';

const name = 'kubernetes-internals';

/** Writes a kubeconfig that only its owner may read. Returns the file's path. */
export async function writeKubeconfig(
  folder: string,
  user: string,
  server: string,
  ca: string,
  pair: KeyPair,
  fileName = user,
): Promise<string> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(pair.key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
  };
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${fileName}.kubeconfig`);
  await fs.writeFile(file, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
  return file;
}
