import fs from 'node:fs/promises';
import path from 'node:path';
import { StateError } from './etcd/disk/recover.ts';
import { Authority } from './tls.ts';
import { createTokenIssuer, newTokenKey } from './tokens.ts';
import type { TokenIssuer } from '../sim/apiserver/authn/tokens.ts';

export interface Pki {
  readonly authority: Authority;
  readonly tokens: TokenIssuer;
}

/**
 * The CA of a cluster and the key that its tokens are signed with. In a folder they stay as they are, so that a cluster
 * that goes on knows its clients and its own tokens; the files are named as kubeadm's.
 */
export async function pkiIn(folder: string | undefined): Promise<Pki> {
  if (folder === undefined) {
    const [authority, tokens] = await Promise.all([
      Authority.create(),
      newTokenKey().then(createTokenIssuer),
    ]);
    return { authority, tokens };
  }
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const read = (name: string): Promise<string | undefined> =>
    fs.readFile(path.join(folder, name), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
  const write = (name: string, text: string): Promise<void> =>
    fs.writeFile(path.join(folder, name), text, { mode: 0o600 });
  const [cert, key, kept] = await Promise.all([read('ca.crt'), read('ca.key'), read('sa.key')]);
  try {
    const tokenKey = kept ?? (await newTokenKey());
    const tokens = await createTokenIssuer(tokenKey);
    if (kept === undefined) await write('sa.key', tokenKey);
    if (cert !== undefined && key !== undefined)
      return { authority: await Authority.load({ cert, key }), tokens };
    const authority = await Authority.create();
    const pair = await authority.pair();
    await write('ca.key', pair.key);
    await write('ca.crt', pair.cert);
    return { authority, tokens };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new StateError(
      `The keys in ${folder} cannot be read (${error instanceof Error ? error.message : String(error)}). Remove the folder: the cluster makes new ones.`,
      { cause: error },
    );
  }
}
