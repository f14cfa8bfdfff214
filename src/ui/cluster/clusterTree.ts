import * as vscode from 'vscode';
import { Disposable, type IDisposable } from '../../base/disposable.ts';
import type { JsonObject } from '../../api/meta.ts';
import type { EtcdStatus } from '../../source/etcd.ts';
import type { ClusterSource } from '../../source/port.ts';
import { contextKeys, views } from '../contributions.ts';
import { etcdEntry, troubles } from '../etcd/etcdEntries.ts';
import type { EtcdWatch } from '../etcd/etcdWatch.ts';
import { entryItem, type Entry } from './entry.ts';

/** What runs: the doors of the control plane, and the nodes with their pods, as they are stored. */
export class ClusterTree extends Disposable implements vscode.TreeDataProvider<Entry> {
  readonly #source: ClusterSource;
  readonly #watch: EtcdWatch;
  readonly #view: vscode.TreeView<Entry>;
  readonly #changed = this._register(new vscode.EventEmitter<Entry[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** Rows by their id: the same row is the same element, with its newest data. */
  readonly #entries = new Map<string, Entry>();
  readonly #open = new Set<string>();
  #look: IDisposable | undefined;
  #due: NodeJS.Timeout | undefined;
  #shownEtcd = '';

  constructor(source: ClusterSource, watch: EtcdWatch) {
    super();
    this.#source = source;
    this.#watch = watch;
    this._register(
      source.onDidChangeState(() => {
        this.#entries.clear();
        this.#changed.fire(undefined);
      }),
    );
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
    this._register(watch.onDidChange((status) => this.#showEtcd(status)));
    this._register({
      dispose: () => {
        clearTimeout(this.#due);
        this.#look?.dispose();
      },
    });
    this.#view = this._register(
      vscode.window.createTreeView(views.cluster, {
        treeDataProvider: this,
        showCollapseAll: true,
      }),
    );
    this._register(this.#view.onDidChangeVisibility(({ visible }) => this.#setVisible(visible)));
    this._register(this.#view.onDidExpandElement(({ element }) => this.#open.add(element.id)));
    this._register(this.#view.onDidCollapseElement(({ element }) => this.#open.delete(element.id)));
    this.#setVisible(this.#view.visible);
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    return entryItem(entry);
  }

  async getChildren(entry?: Entry): Promise<Entry[]> {
    const entries = entry ? ((await entry.children?.()) ?? []) : await this.#roots();
    return entries.map((it) => this.#known(it));
  }

  async #roots(): Promise<Entry[]> {
    const { state } = this.#source;
    if (state.phase !== 'running') return [];
    const status = this.#watch.status ?? (await this.#watch.ask());
    return [
      {
        id: 'API server',
        label: vscode.l10n.t('API server'),
        description: state.connection.apiServer,
        icon: new vscode.ThemeIcon('server-process'),
      },
      etcdEntry(status, this.#source),
      ...(await this.#nodes()),
    ];
  }

  #known(entry: Entry): Entry {
    const known = this.#entries.get(entry.id);
    if (known) {
      for (const key of Object.keys(known)) Reflect.deleteProperty(known, key);
      return Object.assign(known, entry);
    }
    this.#entries.set(entry.id, entry);
    return entry;
  }

  #setVisible(isVisible: boolean): void {
    this.#look?.dispose();
    this.#look = isVisible ? this.#watch.look() : undefined;
  }

  /** Draws etcd's rows again; the nodes have not changed. */
  #showEtcd(status: EtcdStatus | undefined): void {
    const faults = status?.members.flatMap(({ faults }) => faults) ?? [];
    void vscode.commands.executeCommand('setContext', contextKeys.etcdFaulty, faults.length > 0);
    void vscode.commands.executeCommand(
      'setContext',
      contextKeys.etcdAlarm,
      Boolean(status?.alarms.length),
    );
    const value = status ? troubles(status) : 0;
    this.#view.badge = value
      ? {
          value,
          tooltip:
            value === 1
              ? vscode.l10n.t('etcd has a problem')
              : vscode.l10n.t('etcd has {0} problems', value),
        }
      : undefined;
    const known = this.#entries.get('etcd');
    if (!known || !status) return;
    const shown = JSON.stringify({ ...status, samples: [], revision: 0 });
    if (shown === this.#shownEtcd && !this.#open.has('etcd leases')) return;
    this.#shownEtcd = shown;
    this.#changed.fire([this.#known(etcdEntry(status, this.#source))]);
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
        id: `node ${name}`,
        label: name,
        description: words.join(', '),
        icon: new vscode.ThemeIcon(isReady ? 'vm' : 'vm-outline'),
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
        id: `pod ${name}`,
        label: name,
        description: phase,
        icon: new vscode.ThemeIcon(phase === 'Running' ? 'package' : 'circle-large-outline'),
        tooltip: `pod ${name}`,
      };
    });
  }

  /** All objects below a prefix; namespaces are one level more. */
  async #objects(prefix: string): Promise<JsonObject[]> {
    const { entries } = await this.#source.keys.children(prefix);
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
