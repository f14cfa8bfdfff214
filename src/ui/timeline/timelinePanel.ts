import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import { isFromWebview } from '../../protocol/check.ts';
import {
  protocolVersion,
  type FromWebview,
  type TimelineCommand,
  type ToWebview,
} from '../../protocol/timeline.ts';
import type { ClusterSource, TraceGraph } from '../../source/port.ts';
import { causesOf } from '../../trace/cause.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';
import { detailsOf } from '../../timeline/details.ts';
import { timelineModel } from '../../timeline/model.ts';
import { webviewHtml } from '../webviewHtml.ts';
import type { Printer, Story } from './story.ts';
import { timelineStrings } from './strings.ts';

/** What the panel does outside itself. */
export interface TimelineHost {
  /** Shows the store at a revision in the other views; undefined: as it is. */
  setRevision(revision: number | undefined): void;
  openKey(key: string, revision: number): void;
  openDiff(key: string, revision: number): void;
}

const eventLimit = 5000;

/** One trace in a webview beside the editor. Its projections are made here; the webview draws. */
export class TimelinePanel extends Disposable {
  static readonly viewType = 'k8sInternals.timeline';

  readonly #panel: vscode.WebviewPanel;
  readonly #host: TimelineHost;
  readonly #printer: Printer;
  readonly #log: vscode.LogOutputChannel;
  readonly #onDidDispose = this._register(new Emitter<undefined>());
  readonly onDidDispose = this.#onDidDispose.event;
  #graph: TraceGraph | undefined;
  #events: ReadonlyMap<EventId, TraceEvent> = new Map();
  #isReady = false;
  #story: Story;
  #select: EventId | undefined;

  constructor(
    panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    source: ClusterSource,
    host: TimelineHost,
    printer: Printer,
    log: vscode.LogOutputChannel,
    story: Story,
    select?: EventId,
  ) {
    super();
    this.#panel = panel;
    this.#host = host;
    this.#printer = printer;
    this.#log = log;
    this.#story = story;
    this.#select = select;
    const dist = vscode.Uri.joinPath(extension, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    panel.iconPath = new vscode.ThemeIcon('graph-line');
    this._register(panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message)));
    this._register(panel.onDidDispose(() => this.dispose()));
    this._register(
      panel.onDidChangeViewState(() => panel.visible || this.#host.setRevision(undefined)),
    );
    this._register(
      source.traces.onDidChange(
        (roots) =>
          this.#story.follows !== undefined && roots.includes(this.#story.follows) && this.#show(),
      ),
    );
    panel.webview.html = webviewHtml(panel.webview, dist, 'timeline', vscode.l10n.t('Timeline'));
  }

  /** Shows another trace, or another event of this one. */
  open(story: Story, select: EventId | undefined): void {
    this.#select = select;
    const isOther = story.id !== this.#story.id;
    this.#story = story;
    this.#panel.reveal(undefined, true);
    if (isOther || !this.#graph || (select !== undefined && !this.#events.has(select)))
      this.#show();
    else if (select !== undefined) this.#post({ type: 'select', id: select });
  }

  command(command: TimelineCommand): void {
    this.#post({ type: 'command', command });
  }

  override dispose(): void {
    if (this._store.isDisposed) return;
    this.#host.setRevision(undefined);
    this.#onDidDispose.fire(undefined);
    super.dispose();
    this.#panel.dispose();
  }

  #receive(message: unknown): void {
    if (!isFromWebview(message)) {
      this.#log.warn('The timeline sent a message of unknown shape; it is ignored.');
      return;
    }
    this.#handle(message).catch((error: unknown) =>
      this.#log.error(error instanceof Error ? error : String(error)),
    );
  }

  async #handle(message: FromWebview): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#post({ type: 'strings', version: protocolVersion, strings: timelineStrings() });
        return this.#load();
      case 'refresh':
        return this.#load();
      case 'select':
        return this.#sendDetails(message.id);
      case 'cursor': {
        // The revisions of a dry-run are those of its fork; the store has others.
        this.#host.setRevision(this.#story.follows === undefined ? undefined : message.revision);
        return;
      }
      case 'openKey': {
        this.#host.openKey(message.key, message.revision);
        return;
      }
      case 'openDiff': {
        this.#host.openDiff(message.key, message.revision);
        return;
      }
    }
  }

  #show(): void {
    if (this.#isReady)
      this.#load().catch((error: unknown) =>
        this.#log.error(error instanceof Error ? error : String(error)),
      );
  }

  async #load(): Promise<void> {
    const story = this.#story;
    const graph = await story.load(eventLimit);
    if (story !== this.#story || this._store.isDisposed) return;
    if (!graph.events.length) {
      const message = vscode.l10n.t(
        'This trace is no longer recorded: the cluster was restarted, or newer events took its place.',
      );
      this.#post({ type: 'problem', message });
      return;
    }
    this.#graph = graph;
    this.#events = new Map(graph.events.map((event) => [event.id, event]));
    const model = timelineModel(graph, story.id);
    this.#panel.title = model.title;
    this.#post({
      type: 'model',
      model,
      ...(this.#select !== undefined && { select: this.#select }),
    });
    this.#select = undefined;
  }

  async #sendDetails(id: EventId): Promise<void> {
    const event = this.#events.get(id);
    if (!event) return;
    const effects = (this.#graph?.events ?? []).filter((it) => causesOf(it).includes(id));
    const texts = await this.#story.texts(event);
    this.#post({
      type: 'details',
      details: detailsOf(event, (it) => this.#events.get(it), effects, {
        ...(texts && { texts }),
        showSecrets: this.#printer.showsSecrets(),
      }),
    });
  }

  #post(message: ToWebview): void {
    if (this.#isReady) void this.#panel.webview.postMessage(message);
  }
}
