import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource } from '../../source/port.ts';
import { commands, keyScheme } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import type { KeyDocuments } from './keyDocuments.ts';
import type { KeyNode, KeysTree } from './keysTree.ts';
import { keyUri, parseKeyUri, type KeyAddress } from './keyUri.ts';

const historyLimit = 200;

/** What one can do with a key: open, look back and forth, compare, ask who wrote it. */
export class KeyCommands extends Disposable {
  readonly #source: ClusterSource;

  constructor(
    source: ClusterSource,
    tree: KeysTree,
    documents: KeyDocuments,
    cursor: RevisionCursor,
  ) {
    super();
    this.#source = source;
    const register = (command: string, run: (...args: never[]) => unknown) =>
      this._register(
        vscode.commands.registerCommand(command, run as (...args: unknown[]) => unknown),
      );
    register(commands.openKey, (key: string, revision?: number) => this.open(key, revision));
    register(commands.loadMore, (node: KeyNode) => tree.loadMore(node));
    register(commands.refreshKeys, () => tree.refresh());
    register(commands.presentRevision, () => cursor.set(undefined));
    register(commands.showSecrets, () => documents.toggleSecrets());
    register(commands.showManagedFields, () => documents.toggleManagedFields());
    register(commands.searchKeys, () => this.#search(tree));
    register(commands.keyHistory, (from?: KeyNode | vscode.Uri) => this.#history(from));
    register(commands.previousRevision, (uri?: vscode.Uri) => this.#step(uri, -1));
    register(commands.nextRevision, (uri?: vscode.Uri) => this.#step(uri, 1));
    register(commands.diffRevision, (from?: KeyNode | vscode.Uri) => this.#diff(from));
    register(commands.whoWrote, (from?: KeyNode | vscode.Uri) => this.#whoWrote(from));
    register(commands.copyKey, (node: KeyNode) =>
      vscode.env.clipboard.writeText(node.type === 'key' ? node.key : node.prefix),
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
    if (from?.type === 'key') return { key: from.key, revision: undefined };
    const uri = vscode.window.activeTextEditor?.document.uri;
    return uri?.scheme === keyScheme ? parseKeyUri(uri) : undefined;
  }

  async #search(tree: KeysTree): Promise<void> {
    const pick = vscode.window.createQuickPick();
    pick.placeholder = vscode.l10n.t('Part of a key: a name, a kind, a namespace');
    let asked = 0;
    pick.onDidChangeValue(async (value) => {
      const own = ++asked;
      if (value.length < 2) return;
      pick.busy = true;
      const keys = await this.#source.keys.search(value, 200);
      if (own !== asked) return;
      pick.busy = false;
      pick.items = keys.map((label) => ({ label }));
    });
    pick.onDidAccept(async () => {
      const [item] = pick.selectedItems;
      pick.hide();
      if (!item) return;
      await this.open(item.label);
      await tree.reveal(item.label);
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
    return Promise.resolve();
  }

  async #history(from: KeyNode | vscode.Uri | undefined): Promise<void> {
    const address = this.#address(from);
    if (!address) return;
    const history = await this.#source.keys.history(address.key, historyLimit);
    const items = history.map((it) => ({
      label: `${it.type === 'put' ? '$(edit)' : '$(trash)'} ${vscode.l10n.t('revision {0}', it.revision)}`,
      description: it.writer,
      detail:
        it.type === 'put' ? vscode.l10n.t('version {0}', it.version) : vscode.l10n.t('deleted'),
      it,
    }));
    const picked = await vscode.window.showQuickPick(items, {
      title: address.key,
      placeHolder: vscode.l10n.t('Open a revision'),
      matchOnDescription: true,
    });
    if (picked) await this.open(address.key, picked.it.revision);
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
    const version = await this.#source.keys.read(address.key, address.revision);
    const root = version && (await this.#source.traces.rootOf(version.writtenBy));
    if (version && root !== undefined)
      await vscode.commands.executeCommand(commands.openTimeline, {
        root,
        event: version.writtenBy,
      });
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The trace of this write is no longer recorded.'),
      );
  }
}

const shortName = (key: string): string => key.split('/').slice(-3).join('/');
