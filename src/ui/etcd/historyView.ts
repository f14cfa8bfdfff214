import * as vscode from 'vscode';
import { Disposable, DisposableStore } from '../../base/disposable.ts';
import { isFromHistory } from '../../protocol/check.ts';
import {
  historyVersion,
  type FromHistory,
  type Position,
  type RevisionWrite,
  type ToHistory,
} from '../../protocol/etcdHistory.ts';
import type { EtcdStatus } from '../../source/etcd.ts';
import type { ClusterSource } from '../../source/port.ts';
import { commands, views } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import { webviewHtml } from '../webviewHtml.ts';
import { age } from '../words.ts';
import type { EtcdWatch } from './etcdWatch.ts';
import { historyStrings } from './historyStrings.ts';

/** How many of a revision's keys are told. */
const shownKeys = 3;

/** etcd over time: the revisions, to travel through, and the disk. It asks only while it can be seen. */
export class HistoryView extends Disposable implements vscode.WebviewViewProvider {
  readonly #dist: vscode.Uri;
  readonly #source: ClusterSource;
  readonly #watch: EtcdWatch;
  readonly #cursor: RevisionCursor;
  readonly #openDiff: (key: string, revision: number) => void;
  readonly #log: vscode.LogOutputChannel;
  #view: vscode.WebviewView | undefined;
  #isReady = false;
  #wantsFocus = false;
  #write: RevisionWrite | undefined;

  constructor(
    extension: vscode.Uri,
    source: ClusterSource,
    watch: EtcdWatch,
    cursor: RevisionCursor,
    openDiff: (key: string, revision: number) => void,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#dist = vscode.Uri.joinPath(extension, 'dist', 'webview');
    this.#source = source;
    this.#watch = watch;
    this.#cursor = cursor;
    this.#openDiff = openDiff;
    this.#log = log;
    this._register(vscode.window.registerWebviewViewProvider(views.etcdHistory, this));
    this._register(watch.onDidChange((status) => this.#show(status)));
    this._register(cursor.onDidChange(() => this.#showCursor()));
    this._register(vscode.commands.registerCommand(commands.travel, () => this.#focus()));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    this.#isReady = false;
    const own = new DisposableStore();
    let look = this.#watch.look();
    view.webview.options = { enableScripts: true, localResourceRoots: [this.#dist] };
    own.add(view.webview.onDidReceiveMessage((message: unknown) => this.#receive(message)));
    own.add(
      view.onDidChangeVisibility(() => {
        look.dispose();
        if (view.visible) look = this.#watch.look();
      }),
    );
    view.onDidDispose(() => {
      look.dispose();
      own.dispose();
      if (this.#view === view) this.#view = undefined;
    });
    view.webview.html = webviewHtml(
      view.webview,
      this.#dist,
      'etcdHistory',
      vscode.l10n.t('etcd over time'),
    );
  }

  #receive(message: unknown): void {
    if (isFromHistory(message)) this.#handle(message);
    else this.#log.warn('The view of etcd sent a message of unknown shape; it is ignored.');
  }

  #handle(message: FromHistory): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#post({ type: 'strings', version: historyVersion, strings: historyStrings() });
        this.#showCursor();
        this.#show(this.#watch.status);
        if (this.#wantsFocus) this.#post({ type: 'focus' });
        this.#wantsFocus = false;
        return;
      case 'travel': {
        const { revision } = message;
        const isPast = revision !== undefined && revision < this.#newest;
        this.#cursor.set(isPast ? revision : undefined, 'person');
        return;
      }
      case 'openTrace':
        void vscode.commands.executeCommand(commands.openWrite, message.event);
        return;
      case 'openDiff':
        this.#openDiff(message.key, message.revision);
        return;
    }
  }

  async #focus(): Promise<void> {
    this.#wantsFocus = true;
    await vscode.commands.executeCommand(`${views.etcdHistory}.focus`);
    if (!this.#isReady) return;
    this.#wantsFocus = false;
    this.#post({ type: 'focus' });
  }

  #show(status: EtcdStatus | undefined): void {
    if (!status) {
      this.#post({ type: 'stopped' });
      return;
    }
    this.#showPosition(status);
    const { quotaBytes, alarms, samples } = status;
    this.#post({
      type: 'disk',
      disk: {
        quotaBytes,
        isFull: alarms.some(({ alarm }) => alarm === 'NOSPACE'),
        samples: samples.map(({ time, dbSize, dbSizeInUse, fsyncP99 }) => ({
          time,
          dbSize,
          dbSizeInUse,
          fsyncP99,
        })),
      },
    });
  }

  get #newest(): number {
    return Math.max(this.#source.keys.revision, this.#watch.status?.revision ?? 0);
  }

  #showPosition(status: EtcdStatus | undefined): void {
    if (!status) return;
    const { revision } = this.#cursor;
    const position: Position = {
      oldest: Math.max(1, status.compactRevision),
      newest: this.#newest,
      ...(revision !== undefined && { at: revision }),
      ...(this.#write && this.#write.revision === revision && { write: this.#write }),
    };
    this.#post({ type: 'position', position });
  }

  #showCursor(): void {
    this.#showPosition(this.#watch.status);
    const { revision } = this.#cursor;
    if (revision === undefined || !this.#view?.visible || this.#write?.revision === revision)
      return;
    // A cluster that has been stopped since has no answer, and nothing to show.
    this.#tell(revision).catch(() => undefined);
  }

  async #tell(revision: number): Promise<void> {
    const { changes, writer, ageUs, writtenBy } = await this.#source.keys.changesAt(revision);
    if (revision !== this.#cursor.revision) return;
    this.#write = {
      revision,
      writer,
      age: age(ageUs),
      event: ageUs === undefined ? 0 : writtenBy,
      keys: changes.slice(0, shownKeys),
      moreKeys: Math.max(0, changes.length - shownKeys),
    };
    this.#showPosition(this.#watch.status);
  }

  #post(message: ToHistory): void {
    if (this.#isReady && this.#view?.visible) void this.#view.webview.postMessage(message);
  }
}
