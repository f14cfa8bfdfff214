import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource } from '../../source/port.ts';
import type { EventId } from '../../trace/event.ts';
import type { TimelineCommand } from '../../protocol/timeline.ts';
import { TimelinePanel, type TimelineHost } from './timelinePanel.ts';

/** The one timeline of the window: opening another trace reuses it, as a debugger has one place for its state. */
export class Timelines extends Disposable implements vscode.WebviewPanelSerializer {
  readonly #extension: vscode.Uri;
  readonly #source: ClusterSource;
  readonly #host: TimelineHost;
  readonly #log: vscode.LogOutputChannel;
  #panel: TimelinePanel | undefined;

  constructor(
    extension: vscode.Uri,
    source: ClusterSource,
    host: TimelineHost,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#extension = extension;
    this.#source = source;
    this.#host = host;
    this.#log = log;
    this._register(vscode.window.registerWebviewPanelSerializer(TimelinePanel.viewType, this));
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /** Opens the trace of a root, at an event if one is given. */
  open(root: EventId, event?: EventId): void {
    if (this.#panel) {
      this.#panel.open(root, event);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      TimelinePanel.viewType,
      vscode.l10n.t('Timeline'),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    );
    this.#adopt(panel, root, event);
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
    const { root, selected } = (saved ?? {}) as { root?: number; selected?: number };
    this.#adopt(panel, root ?? 0, selected);
    return Promise.resolve();
  }

  #adopt(panel: vscode.WebviewPanel, root: EventId, event: EventId | undefined): void {
    const timeline = new TimelinePanel(
      panel,
      this.#extension,
      this.#source,
      this.#host,
      this.#log,
      root,
      event,
    );
    this.#panel = timeline;
    timeline.onDidDispose(() => {
      if (this.#panel === timeline) this.#panel = undefined;
    });
  }
}
