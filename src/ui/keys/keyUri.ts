import * as vscode from 'vscode';
import { keyScheme } from '../contributions.ts';

/**
 * `k8s-etcd://sim/registry/pods/default/web@42.yaml?rev=42`; without a revision: as it is now. The path has the revision
 * for the tab's title; the query tells it apart from an @ in the key.
 */
export function keyUri(key: string, revision?: number): vscode.Uri {
  const at = revision === undefined ? '' : `@${revision}`;
  return vscode.Uri.from({
    scheme: keyScheme,
    authority: 'sim',
    path: `${key.startsWith('/') ? '' : '/~/'}${key}${at}.yaml`,
    ...(revision !== undefined && { query: `rev=${revision}` }),
  });
}

export interface KeyAddress {
  readonly key: string;
  readonly revision: number | undefined;
}

export function parseKeyUri(uri: vscode.Uri): KeyAddress {
  const revision = /(?:^|&)rev=(\d+)/.exec(uri.query)?.[1];
  const end = revision === undefined ? '.yaml' : `@${revision}.yaml`;
  const path = uri.path.endsWith(end) ? uri.path.slice(0, -end.length) : uri.path;
  return {
    key: path.startsWith('/~/') ? path.slice(3) : path,
    revision: revision === undefined ? undefined : Number(revision),
  };
}
