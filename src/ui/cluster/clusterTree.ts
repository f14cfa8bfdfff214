import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { JsonObject } from '../../api/meta.ts';
import type { ClusterSource } from '../../source/port.ts';
import { views } from '../contributions.ts';

interface Entry {
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  readonly tooltip?: string;
  readonly children?: () => Promise<Entry[]>;
}

/** What runs: the doors of the control plane, and the nodes with their pods, as they are stored. */
export class ClusterTree extends Disposable implements vscode.TreeDataProvider<Entry> {
  readonly #source: ClusterSource;
  readonly #changed = this._register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  #due: NodeJS.Timeout | undefined;

  constructor(source: ClusterSource) {
    super();
    this.#source = source;
    this._register(source.onDidChangeState(() => this.#changed.fire(undefined)));
    this._register(
      source.keys.onDidChange((changes) => {
        if (
          changes.some(
            ({ key }) => key.startsWith('/registry/pods/') || key.startsWith('/registry/minions/'),
          )
        )
          this.#refreshSoon();
      }),
    );
    this._register({ dispose: () => clearTimeout(this.#due) });
    this._register(
      vscode.window.createTreeView(views.cluster, {
        treeDataProvider: this,
        showCollapseAll: true,
      }),
    );
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    const state = entry.children
      ? vscode.TreeItemCollapsibleState.Collapsed
      : vscode.TreeItemCollapsibleState.None;
    const item = new vscode.TreeItem(entry.label, state);
    item.id = entry.tooltip ?? entry.label;
    if (entry.description !== undefined) item.description = entry.description;
    item.iconPath = new vscode.ThemeIcon(entry.icon);
    if (entry.tooltip !== undefined) item.tooltip = entry.tooltip;
    item.accessibilityInformation = {
      label: [entry.label, entry.description].filter(Boolean).join(', '),
    };
    return item;
  }

  async getChildren(entry?: Entry): Promise<Entry[]> {
    if (entry) return (await entry.children?.()) ?? [];
    const { state } = this.#source;
    if (state.phase !== 'running') return [];
    const { apiServer, etcdEndpoint } = state.connection;
    return [
      { label: vscode.l10n.t('API server'), description: apiServer, icon: 'server-process' },
      { label: 'etcd', description: etcdEndpoint, icon: 'database' },
      ...(await this.#nodes()),
    ];
  }

  async #nodes(): Promise<Entry[]> {
    const nodes = await this.#objects('/registry/minions/');
    return nodes.map((node) => {
      const name = text(node, 'metadata', 'name');
      const conditions =
        (node['status'] as { conditions?: { type: string; status: string }[] } | undefined)
          ?.conditions ?? [];
      const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      const isCordoned =
        (node['spec'] as { unschedulable?: boolean } | undefined)?.unschedulable === true;
      const words = [
        isReady ? vscode.l10n.t('Ready') : vscode.l10n.t('NotReady'),
        ...(isCordoned ? [vscode.l10n.t('SchedulingDisabled')] : []),
      ];
      return {
        label: name,
        description: words.join(', '),
        icon: isReady ? 'vm' : 'vm-outline',
        tooltip: `node ${name}`,
        children: () => this.#pods(name),
      };
    });
  }

  async #pods(node: string): Promise<Entry[]> {
    const pods = (await this.#objects('/registry/pods/')).filter(
      (pod) => text(pod, 'spec', 'nodeName') === node,
    );
    return pods.map((pod) => {
      const phase = text(pod, 'status', 'phase');
      const name = `${text(pod, 'metadata', 'namespace')}/${text(pod, 'metadata', 'name')}`;
      return {
        label: name,
        description: phase,
        icon: phase === 'Running' ? 'package' : 'circle-large-outline',
        tooltip: `pod ${name}`,
      };
    });
  }

  /** All objects below a prefix; namespaces are one level more. */
  async #objects(prefix: string): Promise<JsonObject[]> {
    const { entries } = await this.#source.keys.children(prefix, { limit: 500 });
    const found = await Promise.all(
      entries.map(async (entry) => {
        if (entry.type === 'prefix') return this.#objects(entry.prefix);
        const version = await this.#source.keys.read(entry.key);
        return version ? [JSON.parse(version.text) as JsonObject] : [];
      }),
    );
    return found.flat();
  }

  #refreshSoon(): void {
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.#changed.fire(undefined);
    }, 500);
  }
}

function text(object: JsonObject, section: string, name: string): string {
  const value = (object[section] as JsonObject | undefined)?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
