import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource } from '../../source/port.ts';
import type { EventId } from '../../trace/event.ts';
import { commands, keyScheme } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import type { KeyDocuments } from './keyDocuments.ts';
import { searchKeys, showHistory } from './keyPicks.ts';
import type { KeyNode, RevisionNode } from './keyItems.ts';
import type { KeysTree } from './keysTree.ts';
import { keyUri, parseKeyUri, type KeyAddress } from './keyUri.ts';

const historyLimit = 200;

/** What one can do with a key: open, look back and forth, compare, ask who wrote it. */
export class KeyCommands extends Disposable {
  readonly #source: ClusterSource;
  readonly #cursor: RevisionCursor;

  constructor(
    source: ClusterSource,
    tree: KeysTree,
    documents: KeyDocuments,
    cursor: RevisionCursor,
  ) {
    super();
    this.#source = source;
    this.#cursor = cursor;
    const register = (command: string, run: (...args: never[]) => unknown) =>
      this._register(
        vscode.commands.registerCommand(command, run as (...args: unknown[]) => unknown),
      );
    register(commands.openKey, (key: string, revision?: number) => this.open(key, revision));
    register(commands.refreshKeys, () => tree.refresh());
    register(commands.presentRevision, () => cursor.set(undefined, 'person'));
    register(commands.earlierKeys, () => this.#travel(-1));
    register(commands.laterKeys, () => this.#travel(1));
    register(commands.showSecrets, () => documents.toggleSecrets());
    register(commands.showManagedFields, () => documents.toggleManagedFields());
    register(commands.searchKeys, () => searchKeys(source, cursor, (key) => this.#show(tree, key)));
    register(commands.keyHistory, (from?: KeyNode | vscode.Uri) => this.#history(from));
    register(commands.compareBefore, (from: RevisionNode) =>
      this.openDiff(from.key, from.write.revision),
    );
    register(commands.previousRevision, (uri?: vscode.Uri) => this.#step(uri, -1));
    register(commands.nextRevision, (uri?: vscode.Uri) => this.#step(uri, 1));
    register(commands.diffRevision, (from?: KeyNode | vscode.Uri) => this.#diff(from));
    register(commands.whoWrote, (from?: KeyNode | vscode.Uri) => this.#whoWrote(from));
    register(commands.openWrite, (event: EventId) => this.#openTrace(event));
    register(commands.copyKey, (node: KeyNode) =>
      vscode.env.clipboard.writeText(node.type === 'prefix' ? node.prefix : node.key),
    );
  }

  async open(key: string, revision?: number): Promise<void> {
    const document = await vscode.workspace.openTextDocument(keyUri(key, revision));
    await vscode.languages.setTextDocumentLanguage(document, 'yaml');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** The versions on both sides of a write. */
  async openDiff(key: string, revision: number): Promise<void> {
    const title = vscode.l10n.t('{0} ({1} → {2})', shortName(key), revision - 1, revision);
    await vscode.commands.executeCommand(
      'vscode.diff',
      keyUri(key, revision - 1),
      keyUri(key, revision),
      title,
    );
  }

  #address(from: KeyNode | vscode.Uri | undefined): KeyAddress | undefined {
    if (from instanceof vscode.Uri) return parseKeyUri(from);
    if (from?.type === 'key') return { key: from.key, revision: this.#cursor.revision };
    if (from?.type === 'revision') return { key: from.key, revision: from.write.revision };
    const uri = vscode.window.activeTextEditor?.document.uri;
    return uri?.scheme === keyScheme ? parseKeyUri(uri) : undefined;
  }

  async #show(tree: KeysTree, key: string): Promise<void> {
    await this.open(key, this.#cursor.revision);
    await tree.reveal(key);
  }

  async #history(from: KeyNode | vscode.Uri | undefined): Promise<void> {
    const address = this.#address(from);
    if (!address) return;
    const history = await this.#source.keys.history(address.key, historyLimit);
    showHistory(address, history, {
      open: (revision) => this.open(address.key, revision),
      compare: (revision) => this.openDiff(address.key, revision),
      trace: (event) => this.#openTrace(event),
    });
  }

  /** One revision of all keys back or on; at the newest one, time goes on. */
  #travel(direction: 1 | -1): void {
    const newest = this.#source.keys.revision;
    const target = (this.#cursor.revision ?? newest) + direction;
    if (target >= 1) this.#cursor.set(target < newest ? target : undefined, 'person');
  }

  async #step(uri: vscode.Uri | undefined, direction: 1 | -1): Promise<void> {
    const address = this.#address(uri);
    if (!address) return;
    const revisions = (await this.#source.keys.history(address.key, 10_000))
      .map(({ revision }) => revision)
      .reverse();
    const current = address.revision ?? revisions.at(-1) ?? 0;
    const target =
      direction < 0
        ? revisions.findLast((revision) => revision < current)
        : revisions.find((revision) => revision > current);
    if (target !== undefined) return this.open(address.key, target);
    vscode.window.setStatusBarMessage(
      direction < 0
        ? vscode.l10n.t('This is the oldest revision that is known.')
        : vscode.l10n.t('This is the newest revision.'),
      4000,
    );
  }

  async #diff(from: KeyNode | vscode.Uri | undefined): Promise<void> {
    const address = this.#address(from);
    if (!address) return;
    const history = await this.#source.keys.history(address.key, historyLimit);
    const newest = address.revision ?? history[0]?.revision;
    if (newest === undefined) return;
    const items = history
      .filter(({ revision }) => revision < newest)
      .map((it) => ({
        label: vscode.l10n.t('revision {0}', it.revision),
        description: it.writer,
        revision: it.revision,
      }));
    if (!items.length) return this.openDiff(address.key, newest);
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Compare revision {0} of {1} with', newest, shortName(address.key)),
    });
    if (!picked) return;
    const title = vscode.l10n.t('{0} ({1} → {2})', shortName(address.key), picked.revision, newest);
    await vscode.commands.executeCommand(
      'vscode.diff',
      keyUri(address.key, picked.revision),
      keyUri(address.key, newest),
      title,
    );
  }

  async #whoWrote(from: KeyNode | vscode.Uri | undefined): Promise<void> {
    const address = this.#address(from);
    if (!address) return;
    // A deletion leaves no value that would know; the history does.
    const history = await this.#source.keys.history(address.key, 10_000);
    const { revision = Number.POSITIVE_INFINITY } = address;
    const write = history.find((it) => it.revision <= revision);
    await this.#openTrace(write?.writtenBy);
  }

  async #openTrace(event: EventId | undefined): Promise<void> {
    const root = event && (await this.#source.traces.rootOf(event));
    if (root) await vscode.commands.executeCommand(commands.openTimeline, { root, event });
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The trace of this write is no longer recorded.'),
      );
  }
}

const shortName = (key: string): string => key.split('/').slice(-3).join('/');
