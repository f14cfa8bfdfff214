import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource, KeyChange } from '../../source/port.ts';
import { contextKeys, views } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import { age } from '../words.ts';
import { idOf, treeItem, type KeyNode } from './keyItems.ts';
import { keyUri } from './keyUri.ts';

/** How long a changed key stays marked. */
const markMs = 4000;
/** How long counts may be behind. */
const countMs = 1000;
/** How often what is told of a key's history is told anew: how long ago things were. */
const tellMs = 10_000;
/** How many revisions a key has below it. */
const historyLimit = 200;

/** What is open: a prefix, or a key with its history. */
interface Level {
  readonly node: KeyNode | undefined;
  /** As they were last shown. */
  nodes: readonly KeyNode[];
  /** Goes up when something below has changed. */
  changes: number;
  /** The number of changes that `nodes` has. */
  shownChanges: number;
}

/** The tree of etcd's keys: a level at a time, at the present or as it was at the cursor's revision. */
export class KeysTree
  extends Disposable
  implements vscode.TreeDataProvider<KeyNode>, vscode.FileDecorationProvider
{
  readonly #source: ClusterSource;
  readonly #cursor: RevisionCursor;
  readonly #view: vscode.TreeView<KeyNode>;
  readonly #changed = this._register(new vscode.EventEmitter<KeyNode | KeyNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #decorated = this._register(new vscode.EventEmitter<vscode.Uri[]>());
  readonly onDidChangeFileDecorations = this.#decorated.event;
  /** By the id of their node ('' for the root). */
  readonly #levels = new Map<string, Level>();
  /** Every node that is shown, with the node that it is below. */
  readonly #nodes = new Map<string, { node: KeyNode; parent: KeyNode | undefined }>();
  #missedChanges = false;
  #counting: NodeJS.Timeout | undefined;
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
    const telling = setInterval(() => this.#tellAnew(), tellMs);
    this._register({
      dispose: () => {
        clearTimeout(this.#counting);
        clearInterval(telling);
      },
    });
    this._register(
      source.onDidChangeState(({ phase }) => {
        // Another cluster has other revisions.
        if (phase !== 'running') cursor.set(undefined, 'person');
        this.refresh();
      }),
    );
    this._register(source.keys.onDidChange((changes) => this.#onChanges(changes)));
    this._register(cursor.onDidChange((revision) => this.#showRevision(revision)));
    this._register(
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (!visible || !this.#missedChanges) return;
        this.#missedChanges = false;
        this.#redrawAll();
      }),
    );
    this._register(this.#view.onDidCollapseElement(({ element }) => this.#forget(idOf(element))));
  }

  refresh(): void {
    this.#levels.clear();
    this.#nodes.clear();
    this.#changed.fire(undefined);
  }

  /** Opens the levels down to a key, or to a prefix, and selects it. */
  async reveal(path: string): Promise<void> {
    let parent: KeyNode | undefined;
    for (;;) {
      const nodes = await this.getChildren(parent);
      const next =
        nodes.find((node) => node.type === 'key' && node.key === path) ??
        nodes.find((node) => node.type === 'prefix' && path.startsWith(node.prefix));
      if (!next) return;
      const isThere = next.type === 'key' || (next.type === 'prefix' && next.prefix === path);
      await this.#view.reveal(next, { expand: !isThere, select: isThere, focus: isThere });
      if (isThere) return;
      parent = next;
    }
  }

  async getChildren(node?: KeyNode): Promise<KeyNode[]> {
    if (this.#source.state.phase !== 'running' || node?.type === 'revision') return [];
    const level = this.#levelOf(node);
    const { changes } = level;
    if (level.shownChanges === changes) return [...level.nodes];
    const asked = await this.#ask(node);
    const nodes = asked.map((it) => this.#known(it, node));
    const ids = new Set(nodes.map(idOf));
    for (const gone of level.nodes) if (!ids.has(idOf(gone))) this.#forget(idOf(gone), true);
    level.nodes = nodes;
    level.shownChanges = changes;
    return [...nodes];
  }

  getParent(node: KeyNode): KeyNode | undefined {
    return this.#nodes.get(idOf(node))?.parent;
  }

  getTreeItem(node: KeyNode): vscode.TreeItem {
    return treeItem(node, this.#cursor.revision);
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

  async #ask(node: KeyNode | undefined): Promise<readonly KeyNode[]> {
    if (node?.type === 'key') {
      const history = await this.#source.keys.history(node.key, historyLimit);
      return history.map((write) => ({ type: 'revision', key: node.key, write }));
    }
    const { revision } = this.#cursor;
    try {
      const page = await this.#source.keys.children(node?.type === 'prefix' ? node.prefix : '', {
        ...(revision !== undefined && { revision }),
      });
      return page.entries;
    } catch (error) {
      if (revision === undefined || revision !== this.#cursor.revision) throw error;
      // Compacted, while it was shown.
      this.#cursor.set(undefined, 'person');
      vscode.window.setStatusBarMessage(
        vscode.l10n.t(
          'Revision {0} is not there any more ({1}); the keys are those of now.',
          revision,
          error instanceof Error ? error.message : String(error),
        ),
        8000,
      );
      return [];
    }
  }

  /** The same key is the same element, with its newest data. */
  #known(node: KeyNode, parent: KeyNode | undefined): KeyNode {
    const id = idOf(node);
    const known = this.#nodes.get(id);
    if (known) return Object.assign(known.node, node);
    const own = { ...node };
    this.#nodes.set(id, { node: own, parent });
    return own;
  }

  #levelOf(node: KeyNode | undefined): Level {
    const id = node ? idOf(node) : '';
    let level = this.#levels.get(id);
    if (!level) this.#levels.set(id, (level = { node, nodes: [], changes: 1, shownChanges: 0 }));
    return level;
  }

  /** What is closed, or gone, is asked for again when it is opened. */
  #forget(id: string, isGone = false): void {
    const level = this.#levels.get(id);
    this.#levels.delete(id);
    for (const node of level?.nodes ?? []) this.#forget(idOf(node), true);
    if (isGone) this.#nodes.delete(id);
  }

  /** Keys that are shown and changed are drawn again; levels in which keys came or went are asked for again. */
  #onChanges(changes: readonly KeyChange[]): void {
    if (this.#cursor.revision !== undefined) return;
    if (!this.#view.visible) {
      this.#missedChanges = true;
      return;
    }
    const stale = new Set<Level>();
    const redrawn = new Set<KeyNode>();
    const marked = new Map<string, 'created' | 'changed'>();
    for (const change of changes) {
      const { key, type, version, revision: modRevision, lease } = change;
      const node = this.#nodes.get(`k:${key}`)?.node;
      if (type === 'delete' || version === 1 || !node) {
        if (type === 'put' && version > 1) continue;
        let deepest: Level | undefined;
        for (const level of this.#levels.values()) {
          if (level.node && !covers(level.node, key)) continue;
          level.changes++;
          if (depth(level) >= depth(deepest)) deepest = level;
        }
        if (deepest) stale.add(deepest);
      } else {
        Object.assign(node, { modRevision, version, lease });
        const history = this.#levels.get(`k:${key}`);
        if (history) history.changes++;
        redrawn.add(node);
      }
      if (type === 'put') marked.set(key, version === 1 ? 'created' : 'changed');
    }
    const nodes = [...stale].flatMap(({ node }) => node ?? []);
    if (!this.#nodes.size) this.#changed.fire(undefined);
    else if (nodes.length || redrawn.size) this.#changed.fire([...nodes, ...redrawn]);
    if (stale.size) this.#countSoon();
    this.#mark(marked);
  }

  /** The levels above have other counts now; to draw them is to draw all that is open below, so it can wait. */
  #countSoon(): void {
    this.#counting ??= setTimeout(() => {
      this.#counting = undefined;
      if (!this._store.isDisposed && this.#cursor.revision === undefined)
        this.#changed.fire(undefined);
    }, countMs);
  }

  #tellAnew(): void {
    if (!this.#view.visible) return;
    const histories = [...this.#levels.values()].filter(({ node }) => node?.type === 'key');
    for (const level of histories) level.changes++;
    if (histories.length) this.#changed.fire(histories.flatMap(({ node }) => node ?? []));
  }

  /** Marks those of the changed keys that can be seen. */
  #mark(changed: ReadonlyMap<string, 'created' | 'changed'>): void {
    const marked: vscode.Uri[] = [];
    for (const [key, mark] of changed) {
      if (!this.#isOpen(key)) continue;
      const uri = keyUri(key);
      this.#marks.set(uri.toString(), mark);
      marked.push(uri);
    }
    if (!marked.length) return;
    this.#decorated.fire(marked);
    setTimeout(() => {
      for (const uri of marked) this.#marks.delete(uri.toString());
      if (!this._store.isDisposed) this.#decorated.fire(marked);
    }, markMs);
  }

  /** Whether the level, or the group, that a key is in is open. */
  #isOpen(key: string): boolean {
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    return (
      this.#nodes.has(`k:${key}`) ||
      [...this.#levels.values()].some(
        ({ node }) =>
          node?.type === 'prefix' && node.prefix.startsWith(folder) && key.startsWith(node.prefix),
      )
    );
  }

  #showRevision(revision: number | undefined): void {
    const { by } = this.#cursor;
    const words =
      revision === undefined
        ? ''
        : by === 'timeline'
          ? vscode.l10n.t('As it was at revision {0}, the step of the timeline.', revision)
          : vscode.l10n.t('As it was at revision {0}.', revision);
    this.#view.message = words;
    this.#view.description = revision === undefined ? '' : `@${revision}`;
    void vscode.commands.executeCommand(
      'setContext',
      contextKeys.atRevision,
      revision !== undefined,
    );
    this.#redrawAll();
    if (revision !== undefined && by === 'person')
      this.#tellWriter(revision, words).catch(() => undefined);
  }

  #redrawAll(): void {
    for (const level of this.#levels.values()) level.changes++;
    this.#changed.fire(undefined);
  }

  async #tellWriter(revision: number, words: string): Promise<void> {
    const written = await this.#source.keys.changesAt(revision);
    if (revision !== this.#cursor.revision || !written.writer) return;
    const told = [written.writer, age(written.ageUs)].filter(Boolean).join(', ');
    this.#view.message = `${words} ${vscode.l10n.t('Written by {0}.', told)}`;
  }
}

/** Of a level that lists keys; a key's history is none. */
const depth = (level: Level | undefined): number =>
  level?.node?.type === 'prefix' ? level.node.prefix.length : level?.node ? -2 : -1;

const covers = (node: KeyNode, key: string): boolean =>
  node.type === 'prefix' ? key.startsWith(node.prefix) : node.type === 'key' && node.key === key;
