import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource, DocumentVerdict } from '../../source/port.ts';
import type { EventId } from '../../trace/event.ts';
import type { TimelineCommand } from '../../protocol/timeline.ts';
import { clusterStory, dryRunStory, type Printer, type Story } from './story.ts';
import { TimelinePanel, type TimelineHost } from './timelinePanel.ts';

/** The one timeline of the window: opening another trace reuses it, as a debugger has one place for its state. */
export class Timelines extends Disposable implements vscode.WebviewPanelSerializer {
  readonly #extension: vscode.Uri;
  readonly #source: ClusterSource;
  readonly #host: TimelineHost;
  readonly #log: vscode.LogOutputChannel;
  readonly #printer: Printer;
  readonly #dryRuns = new WeakMap<DocumentVerdict, Story>();
  #panel: TimelinePanel | undefined;

  constructor(
    extension: vscode.Uri,
    source: ClusterSource,
    host: TimelineHost,
    printer: Printer,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#extension = extension;
    this.#source = source;
    this.#host = host;
    this.#log = log;
    this.#printer = printer;
    this._register(vscode.window.registerWebviewPanelSerializer(TimelinePanel.viewType, this));
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /** Opens the trace of a root, at an event if one is given. */
  open(root: EventId, event?: EventId): void {
    this.#show(clusterStory(this.#source, this.#printer, root), event);
  }

  /** Opens the recorded request of a dry-run. */
  openDryRun(verdict: DocumentVerdict, event?: EventId): void {
    const story = this.#dryRuns.get(verdict) ?? dryRunStory(this.#source, this.#printer, verdict);
    this.#dryRuns.set(verdict, story);
    this.#show(story, event);
  }

  #show(story: Story, event: EventId | undefined): void {
    if (this.#panel) {
      this.#panel.open(story, event);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      TimelinePanel.viewType,
      vscode.l10n.t('Timeline'),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    );
    this.#adopt(panel, story, event);
  }

  /** The newest trace that led to something. */
  async openNewest(): Promise<void> {
    const [newest] = await this.#source.traces.roots(1);
    if (newest) this.open(newest.id);
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'No trace is recorded yet. Start the cluster and apply a manifest; its trace appears in the Traces view.',
        ),
      );
  }

  command(command: TimelineCommand): void {
    this.#panel?.command(command);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const { story, selected } = (saved ?? {}) as { story?: string; selected?: EventId };
    // A dry-run's trace is not kept; as one of the cluster that is not recorded, it says so.
    const root = Number(/^cluster:(\d+)$/.exec(story ?? '')?.[1] ?? 0);
    this.#adopt(panel, clusterStory(this.#source, this.#printer, root), selected);
    return Promise.resolve();
  }

  #adopt(panel: vscode.WebviewPanel, story: Story, event: EventId | undefined): void {
    const timeline = new TimelinePanel(
      panel,
      this.#extension,
      this.#source,
      this.#host,
      this.#printer,
      this.#log,
      story,
      event,
    );
    this.#panel = timeline;
    timeline.onDidDispose(() => {
      if (this.#panel === timeline) this.#panel = undefined;
    });
  }
}
