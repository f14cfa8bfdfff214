import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { DocumentVerdict, Remedy, StageReport } from '../../source/port.ts';
import { toYaml } from '../../yaml/render.ts';
import { commands, views } from '../contributions.ts';
import { stageTitles, verdictTitle } from './verdicts.ts';

export type StageNode =
  | { readonly type: 'verdict'; readonly verdict: DocumentVerdict }
  | {
      readonly type: 'stage';
      readonly report: StageReport;
      readonly plugins: readonly StageReport[];
    }
  | { readonly type: 'plugin'; readonly report: StageReport }
  | { readonly type: 'fact'; readonly name: string; readonly value: string }
  | { readonly type: 'remedy'; readonly remedy: Remedy };

/** The way of one document through the pipeline: each stage with what it looked at and what it said. */
export class StagesTree extends Disposable implements vscode.TreeDataProvider<StageNode> {
  readonly #changed = this._register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<StageNode>;
  #verdict: DocumentVerdict | undefined;
  #nodes: StageNode[] | undefined;

  constructor() {
    super();
    this.#view = this._register(
      vscode.window.createTreeView(views.stages, { treeDataProvider: this }),
    );
  }

  get verdict(): DocumentVerdict | undefined {
    return this.#verdict;
  }

  show(verdict: DocumentVerdict | undefined, title: string): void {
    this.#verdict = verdict;
    this.#view.description = title;
    this.#nodes = undefined;
    this.#changed.fire(undefined);
  }

  /** Brings the stage that said no into view. */
  async revealRejection(): Promise<void> {
    const rejecting = this.#roots().find(
      (node) => node.type === 'stage' && node.report.verdict === 'rejected',
    );
    if (rejecting && this.#view.visible) await this.#view.reveal(rejecting, { focus: false });
  }

  getParent(): undefined {
    return undefined;
  }

  #roots(): StageNode[] {
    const verdict = this.#verdict;
    if (!verdict) return [];
    this.#nodes ??= [{ type: 'verdict', verdict }, ...stagesOf(verdict)];
    return this.#nodes;
  }

  getChildren(node?: StageNode): StageNode[] {
    if (!node) return this.#roots();
    if (node.type === 'verdict')
      return [
        ...(node.verdict.remedy ? [{ type: 'remedy' as const, remedy: node.verdict.remedy }] : []),
        ...node.verdict.warnings.map((value) => fact(vscode.l10n.t('Warning'), value)),
        ...(node.verdict.forecast?.details ?? []).map((value) =>
          fact(vscode.l10n.t('Then'), value),
        ),
      ];
    if (node.type === 'stage')
      return [
        ...factsOf(node.report),
        ...node.plugins.map((report): StageNode => ({ type: 'plugin', report })),
      ];
    return node.type === 'plugin' ? factsOf(node.report) : [];
  }

  getTreeItem(node: StageNode): vscode.TreeItem {
    if (node.type === 'fact') {
      const item = new vscode.TreeItem(node.name);
      item.description = node.value;
      item.tooltip = node.value;
      return item;
    }
    if (node.type === 'remedy') {
      const item = new vscode.TreeItem(vscode.l10n.t('What would allow it'));
      item.description = node.remedy.text;
      item.iconPath = new vscode.ThemeIcon('lightbulb');
      item.command = {
        command: commands.openRemedy,
        title: vscode.l10n.t('Open as a new file'),
        arguments: [node.remedy],
      };
      return item;
    }
    if (node.type === 'verdict') {
      const { warnings, forecast, remedy } = node.verdict;
      const hasMore = warnings.length > 0 || forecast !== undefined || remedy !== undefined;
      const item = new vscode.TreeItem(
        verdictTitle(node.verdict).slice(2),
        hasMore ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
      );
      item.iconPath = verdictIcon(node.verdict);
      item.tooltip = node.verdict.message;
      return item;
    }
    return stageItem(node);
  }

  /** Texts for the pointer are made when it comes: VS Code takes all their Markdown apart in this thread. */
  resolveTreeItem(item: vscode.TreeItem, node: StageNode): vscode.TreeItem {
    if (node.type === 'remedy')
      item.tooltip = new vscode.MarkdownString().appendCodeblock(node.remedy.yaml, 'yaml');
    else if (node.type === 'stage' || node.type === 'plugin') item.tooltip = stageTooltip(node);
    return item;
  }
}

const fact = (name: string, value: string): StageNode => ({ type: 'fact', name, value });

function stagesOf({ stages }: DocumentVerdict): StageNode[] {
  const nodes: StageNode[] = [];
  const byStage = new Map<string, { report: StageReport; plugins: StageReport[] }>();
  for (const report of stages) {
    const known = byStage.get(report.stage);
    if (known) {
      if (report.plugin === undefined) known.report = report;
      else known.plugins.push(report);
      continue;
    }
    byStage.set(report.stage, {
      report: report.plugin === undefined ? report : { ...report, summary: '' },
      plugins: report.plugin === undefined ? [] : [report],
    });
  }
  for (const { report, plugins } of byStage.values())
    nodes.push({
      type: 'stage',
      report: { ...report, verdict: worst([report, ...plugins]) },
      plugins,
    });
  return nodes;
}

const order: readonly StageReport['verdict'][] = [
  'notReached',
  'skipped',
  'passed',
  'mutated',
  'rejected',
];

/** What a stage did is the most that one of its plugins did. */
const worst = (reports: readonly StageReport[]): StageReport['verdict'] =>
  reports.reduce(
    (max: StageReport['verdict'], { verdict }) =>
      order.indexOf(verdict) > order.indexOf(max) ? verdict : max,
    'notReached',
  );

function factsOf({ facts, changes }: StageReport): StageNode[] {
  return [
    ...Object.entries(facts).map(([name, value]) => fact(name, value)),
    ...changes.map(({ path, before, after }) =>
      fact(
        path,
        after === undefined
          ? vscode.l10n.t('removed')
          : before === undefined
            ? `+ ${short(after)}`
            : `${short(before)} → ${short(after)}`,
      ),
    ),
  ];
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
};

function stageItem(node: Extract<StageNode, { type: 'stage' | 'plugin' }>): vscode.TreeItem {
  const { report } = node;
  const plugins = node.type === 'stage' ? node.plugins : [];
  const label = stageLabel(node);
  const isOpen = report.verdict === 'rejected';
  const hasChildren =
    plugins.length > 0 || Object.keys(report.facts).length > 0 || report.changes.length > 0;
  const item = new vscode.TreeItem(
    label,
    !hasChildren
      ? vscode.TreeItemCollapsibleState.None
      : isOpen && node.type === 'stage'
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
  );
  const words = wordsOf(report.verdict);
  item.description = node.type === 'stage' && plugins.length ? words : report.summary || words;
  item.iconPath = stageIcon(report.verdict);
  item.contextValue = report.changes.length ? 'stage.changed' : 'stage';
  if (report.event !== undefined)
    item.command = {
      command: commands.openStage,
      title: vscode.l10n.t('Show in the timeline'),
      arguments: [node],
    };
  item.accessibilityInformation = { label: `${label}: ${words}. ${report.summary}` };
  return item;
}

function stageLabel({ type, report }: Extract<StageNode, { type: 'stage' | 'plugin' }>): string {
  if (type === 'plugin' && report.plugin !== undefined) return report.plugin;
  const title = stageTitles()[report.stage];
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function stageTooltip(
  node: Extract<StageNode, { type: 'stage' | 'plugin' }>,
): vscode.MarkdownString {
  const { report } = node;
  const tooltip = new vscode.MarkdownString();
  tooltip
    .appendMarkdown(`**${stageLabel(node)}** — ${wordsOf(report.verdict)}\n\n`)
    .appendText(report.summary);
  if (report.changes.length)
    tooltip.appendCodeblock(
      toYaml(report.changes.map((change) => ({ ...change })) as never),
      'yaml',
    );
  return tooltip;
}

const wordsOf = (verdict: StageReport['verdict']): string =>
  ({
    passed: vscode.l10n.t('passed'),
    mutated: vscode.l10n.t('changed the object'),
    rejected: vscode.l10n.t('rejected here'),
    skipped: vscode.l10n.t('does not concern this request'),
    notReached: vscode.l10n.t('not reached'),
  })[verdict];

function stageIcon(verdict: StageReport['verdict']): vscode.ThemeIcon {
  const color = (id: string) => new vscode.ThemeColor(id);
  switch (verdict) {
    case 'passed':
      return new vscode.ThemeIcon('pass', color('testing.iconPassed'));
    case 'mutated':
      return new vscode.ThemeIcon('edit', color('k8sInternals.mutated'));
    case 'rejected':
      return new vscode.ThemeIcon('error', color('errorForeground'));
    case 'skipped':
      return new vscode.ThemeIcon('circle-slash', color('disabledForeground'));
    case 'notReached':
      return new vscode.ThemeIcon('circle-outline', color('disabledForeground'));
  }
}

function verdictIcon({ outcome, forecast }: DocumentVerdict): vscode.ThemeIcon {
  if (outcome === 'rejected')
    return new vscode.ThemeIcon('error', new vscode.ThemeColor('errorForeground'));
  if (forecast?.outcome === 'stuck')
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed'));
}
