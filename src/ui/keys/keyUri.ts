import * as vscode from 'vscode';
import { keyScheme } from '../contributions.ts';

/** `k8s-etcd://sim/registry/pods/default/web.yaml?rev=42`; without a revision: as it is now. */
export function keyUri(key: string, revision?: number): vscode.Uri {
  return vscode.Uri.from({
    scheme: keyScheme,
    authority: 'sim',
    path: `${key.startsWith('/') ? '' : '/~/'}${key}.yaml`,
    ...(revision !== undefined && { query: `rev=${revision}` }),
  });
}

export interface KeyAddress {
  readonly key: string;
  readonly revision: number | undefined;
}

export function parseKeyUri(uri: vscode.Uri): KeyAddress {
  const path = uri.path.replace(/\.yaml$/, '');
  const revision = /(?:^|&)rev=(\d+)/.exec(uri.query)?.[1];
  return {
    key: path.startsWith('/~/') ? path.slice(3) : path,
    revision: revision === undefined ? undefined : Number(revision),
  };
}
