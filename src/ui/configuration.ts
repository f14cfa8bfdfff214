import * as vscode from 'vscode';
import type { Speed } from '../source/port.ts';
import { settings } from './contributions.ts';

/** How the next cluster is to be started, by the settings. Kubeconfigs and the cluster's state go to the extension's own storage. */
export function simOptions(context: vscode.ExtensionContext): {
  folder: string;
  keepState: boolean;
  nodes: number;
  seed: number;
  port: number;
  etcdPort: number;
  speed: Speed;
  /** As one gives etcd its flags. */
  etcdFlags: {
    'etcd-members': string;
    'quota-backend-bytes': string;
    'auto-compaction-mode': string;
    'auto-compaction-retention': string;
  };
  admission: { enableAdmissionPlugins: string[]; disableAdmissionPlugins: string[] };
  callsWebhooks: boolean;
  allowPrivileged: boolean;
} {
  const configuration = vscode.workspace.getConfiguration();
  const number = (name: string, otherwise: number) => configuration.get<number>(name, otherwise);
  const names = (name: string) => configuration.get<string[]>(name, []);
  const text = (name: string, otherwise: string) => configuration.get<string>(name, otherwise);
  const speed = configuration.get<string>(settings.speed, 'real');
  return {
    folder: vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, 'cluster').fsPath,
    // Windows without a workspace share one folder: there is no place that is theirs.
    keepState:
      context.storageUri !== undefined && configuration.get<boolean>(settings.keepState, true),
    nodes: number(settings.nodes, 3),
    seed: number(settings.seed, 1),
    port: number(settings.port, 0),
    etcdPort: number(settings.etcdPort, 0),
    etcdFlags: {
      'etcd-members': String(number(settings.etcdMembers, 1)),
      'quota-backend-bytes': String(number(settings.quotaBytes, 0)),
      'auto-compaction-mode': text(settings.autoCompactionMode, 'periodic'),
      'auto-compaction-retention': text(settings.autoCompactionRetention, '0'),
    },
    speed: speed === 'real' || speed === 'max' ? speed : Number(speed) || 'real',
    allowPrivileged: configuration.get<boolean>(settings.allowPrivileged, true),
    // Whoever did not trust the workspace did not ask for connections that its manifests name.
    callsWebhooks: vscode.workspace.isTrusted,
    admission: {
      enableAdmissionPlugins: names(settings.enableAdmissionPlugins),
      disableAdmissionPlugins: names(settings.disableAdmissionPlugins),
    },
  };
}
