import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource, TraceRoot } from '../../source/port.ts';
import { commands, views } from '../contributions.ts';

const limit = 200;

/** Recorded stories, the newest first: what somebody asked for, and how much came of it. */
export class TracesTree extends Disposable implements vscode.TreeDataProvider<TraceRoot> {
  readonly #source: ClusterSource;
  readonly #changed = this._register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  #due: NodeJS.Timeout | undefined;

  constructor(source: ClusterSource) {
    super();
    this.#source = source;
    this._register(source.onDidChangeState(() => this.#changed.fire(undefined)));
    this._register(source.traces.onDidChange(() => this.#refreshSoon()));
    this._register({ dispose: () => clearTimeout(this.#due) });
    this._register(vscode.window.createTreeView(views.traces, { treeDataProvider: this }));
  }

  async getChildren(root?: TraceRoot): Promise<TraceRoot[]> {
    if (root || this.#source.state.phase !== 'running') return [];
    return [...(await this.#source.traces.roots(limit))];
  }

  getTreeItem(root: TraceRoot): vscode.TreeItem {
    const item = new vscode.TreeItem(root.title);
    const time = new Date(root.time / 1000).toLocaleTimeString();
    const isRefused = (root.code ?? 0) >= 400;
    item.id = String(root.id);
    item.description = [time, root.code].filter((part) => part !== undefined).join('  ');
    item.iconPath = isRefused
      ? new vscode.ThemeIcon('error', new vscode.ThemeColor('errorForeground'))
      : new vscode.ThemeIcon('graph-line');
    item.tooltip = vscode.l10n.t('{0}\n{1} events', root.title, root.size);
    item.command = {
      command: commands.openTimeline,
      title: vscode.l10n.t('Open the timeline'),
      arguments: [{ root: root.id }],
    };
    item.accessibilityInformation = {
      label: vscode.l10n.t('{0}, at {1}, {2} events', root.title, time, root.size),
    };
    return item;
  }

  #refreshSoon(): void {
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.#changed.fire(undefined);
    }, 400);
  }
}
