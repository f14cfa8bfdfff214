import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource, KeyChange, KeyEntry } from '../../source/port.ts';
import { commands, contextKeys, views } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import { keyUri } from './keyUri.ts';

export type KeyNode =
  | KeyEntry
  | {
      readonly type: 'more';
      readonly prefix: string;
      readonly after: string;
      readonly remaining: number;
    };

const pageSize = 500;
/** How long a changed key stays marked. */
const markMs = 4000;

/** The tree of etcd's keys: a level at a time, a page at a time, at the present or at the timeline's step. */
export class KeysTree
  extends Disposable
  implements vscode.TreeDataProvider<KeyNode>, vscode.FileDecorationProvider
{
  readonly #source: ClusterSource;
  readonly #cursor: RevisionCursor;
  readonly #view: vscode.TreeView<KeyNode>;
  readonly #changed = this._register(new vscode.EventEmitter<KeyNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #decorated = this._register(new vscode.EventEmitter<vscode.Uri[]>());
  readonly onDidChangeFileDecorations = this.#decorated.event;
  /** Prefixes that were shown, with what they had; smallest refreshes go to these. */
  readonly #shown = new Map<string, { node: KeyNode | undefined; pages: number }>();
  readonly #nodes = new Map<string, KeyNode>();
  readonly #marks = new Map<string, 'created' | 'changed'>();

  constructor(source: ClusterSource, cursor: RevisionCursor) {
    super();
    this.#source = source;
    this.#cursor = cursor;
    this.#view = this._register(
      vscode.window.createTreeView(views.keys, {
        treeDataProvider: this,
        showCollapseAll: true,
        canSelectMany: false,
      }),
    );
    this._register(vscode.window.registerFileDecorationProvider(this));
    this._register(source.onDidChangeState(() => this.refresh()));
    this._register(source.keys.onDidChange((changes) => this.#onChanges(changes)));
    this._register(cursor.onDidChange((revision) => this.#showRevision(revision)));
  }

  refresh(): void {
    this.#shown.clear();
    this.#nodes.clear();
    this.#changed.fire(undefined);
  }

  loadMore(node: KeyNode): void {
    if (node.type !== 'more') return;
    const shown = this.#shown.get(node.prefix);
    if (!shown) return;
    shown.pages++;
    this.#changed.fire(shown.node);
  }

  async reveal(key: string): Promise<void> {
    let prefix = '';
    for (;;) {
      const { entries } = await this.#source.keys.children(prefix, { limit: pageSize });
      const next = entries.find((entry) =>
        entry.type === 'prefix' ? key.startsWith(entry.prefix) : entry.key === key,
      );
      if (!next) return;
      const known = this.#nodes.get(idOf(next)) ?? next;
      this.#nodes.set(idOf(next), known);
      await this.#view.reveal(known, {
        expand: next.type === 'prefix',
        select: next.type === 'key',
        focus: next.type === 'key',
      });
      if (next.type === 'key') return;
      prefix = next.prefix;
    }
  }

  async getChildren(node?: KeyNode): Promise<KeyNode[]> {
    if (this.#source.state.phase !== 'running' || (node && node.type !== 'prefix')) return [];
    const prefix = node?.prefix ?? '';
    const shown = this.#shown.get(prefix) ?? { node, pages: 1 };
    this.#shown.set(prefix, shown);
    const { revision } = this.#cursor;
    const page = await this.#source.keys.children(prefix, {
      limit: pageSize * shown.pages,
      ...(revision !== undefined && { revision }),
    });
    const nodes: KeyNode[] = page.entries.map((entry) => this.#known(entry));
    const last = page.entries.at(-1);
    if (page.remaining && last)
      nodes.push({
        type: 'more',
        prefix,
        after: last.type === 'prefix' ? last.prefix : last.key,
        remaining: page.remaining,
      });
    return nodes;
  }

  getParent(node: KeyNode): KeyNode | undefined {
    const path = node.type === 'key' ? node.key : node.prefix.replace(/\/$/, '');
    const slash = path.lastIndexOf('/');
    return slash <= 0 ? undefined : this.#nodes.get(`p:${path.slice(0, slash + 1)}`);
  }

  getTreeItem(node: KeyNode): vscode.TreeItem {
    if (node.type === 'more') {
      const item = new vscode.TreeItem(vscode.l10n.t('Load more ({0} keys left)', node.remaining));
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      item.command = {
        command: commands.loadMore,
        title: vscode.l10n.t('Load more'),
        arguments: [node],
      };
      return item;
    }
    if (node.type === 'prefix') {
      const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = idOf(node);
      item.description = String(node.count);
      item.iconPath = vscode.ThemeIcon.Folder;
      item.contextValue = 'prefix';
      item.tooltip = node.prefix;
      item.accessibilityInformation = {
        label: vscode.l10n.t('{0}, {1} keys', node.label, node.count),
      };
      return item;
    }
    const revision = this.#cursor.revision;
    const item = new vscode.TreeItem(node.label);
    item.id = idOf(node);
    item.description = `@${node.modRevision}`;
    item.tooltip =
      vscode.l10n.t('{0}\nrevision {1}, version {2}', node.key, node.modRevision, node.version) +
      (node.lease ? `\n${vscode.l10n.t('lease {0}', node.lease)}` : '');
    item.iconPath = new vscode.ThemeIcon(node.lease ? 'watch' : 'symbol-key');
    item.resourceUri = keyUri(node.key);
    item.contextValue = 'key';
    item.command = {
      command: commands.openKey,
      title: vscode.l10n.t('Open'),
      arguments: [node.key, revision],
    };
    item.accessibilityInformation = {
      label: vscode.l10n.t('{0}, revision {1}', node.key, node.modRevision),
    };
    return item;
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const mark = this.#marks.get(uri.toString());
    if (mark === 'created')
      return new vscode.FileDecoration(
        '+',
        vscode.l10n.t('just created'),
        new vscode.ThemeColor('gitDecoration.addedResourceForeground'),
      );
    if (mark === 'changed')
      return new vscode.FileDecoration(
        '•',
        vscode.l10n.t('just changed'),
        new vscode.ThemeColor('gitDecoration.modifiedResourceForeground'),
      );
    return undefined;
  }

  /** The same key is the same element, with its newest data. */
  #known(entry: KeyEntry): KeyNode {
    const id = idOf(entry);
    const known = this.#nodes.get(id);
    if (known) return Object.assign(known, entry);
    const node: KeyNode = { ...entry };
    this.#nodes.set(id, node);
    return node;
  }

  /** Levels that are shown and have changed are asked for again; what lies below a closed level costs nothing. */
  #onChanges(changes: readonly KeyChange[]): void {
    if (this.#cursor.revision !== undefined) return;
    const marked: vscode.Uri[] = [];
    const levels = new Set<string>();
    for (const { key, created, type } of changes) {
      for (let slash = key.indexOf('/', 1); slash >= 0; slash = key.indexOf('/', slash + 1)) {
        const level = key.slice(0, slash + 1);
        const above = level.lastIndexOf('/', level.length - 2);
        const parent = above <= 0 ? '' : level.slice(0, above + 1);
        if ((created || type === 'delete') && this.#shown.has(parent)) levels.add(parent);
        if (this.#shown.has(level) && key.indexOf('/', slash + 1) < 0) levels.add(level);
      }
      if (type !== 'put') continue;
      const uri = keyUri(key);
      if (!levels.has(key.slice(0, key.lastIndexOf('/') + 1))) continue;
      this.#marks.set(uri.toString(), created ? 'created' : 'changed');
      marked.push(uri);
    }
    for (const level of levels) this.#changed.fire(this.#shown.get(level)?.node);
    if (!marked.length) return;
    this.#decorated.fire(marked);
    setTimeout(() => {
      for (const uri of marked) this.#marks.delete(uri.toString());
      if (!this._store.isDisposed) this.#decorated.fire(marked);
    }, markMs);
  }

  #showRevision(revision: number | undefined): void {
    this.#view.message =
      revision === undefined
        ? ''
        : vscode.l10n.t('As it was at revision {0}, the step of the timeline.', revision);
    void vscode.commands.executeCommand(
      'setContext',
      contextKeys.atRevision,
      revision !== undefined,
    );
    this.#changed.fire(undefined);
  }
}

const idOf = (node: KeyEntry): string =>
  node.type === 'prefix' ? `p:${node.prefix}` : `k:${node.key}`;
