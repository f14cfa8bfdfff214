import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { identityOf } from '../../verdict/identity.ts';
import type { DocumentVerdict, Remedy, StageReport } from '../../source/port.ts';
import type { EventId } from '../../trace/event.ts';
import { manifestHeads } from '../../yaml/heads.ts';
import { commands, settings, views } from '../contributions.ts';
import { StageDiff } from './stageDiff.ts';
import type { StageNode, StagesTree } from './stagesTree.ts';
import { isManifest, stageName, type Judgement, type Verdicts } from './verdicts.ts';

const typingDelayMs = 300;

/** The commands of the dry-run, and when it runs by itself. */
export class DryRunCommands extends Disposable {
  readonly #verdicts: Verdicts;
  readonly #stages: StagesTree;
  readonly #log: vscode.LogOutputChannel;
  readonly #diff = this._register(new StageDiff());
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(
    verdicts: Verdicts,
    stages: StagesTree,
    openTrace: (verdict: DocumentVerdict, event: EventId) => void,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#verdicts = verdicts;
    this.#stages = stages;
    this.#log = log;
    this._register(
      vscode.commands.registerCommand(commands.dryRun, (uri?: vscode.Uri, end?: number) =>
        this.#runCommand(uri, end),
      ),
    );
    this._register(
      vscode.commands.registerCommand(commands.dryRunFile, () =>
        this.#runCommand(undefined, undefined),
      ),
    );
    this._register(vscode.commands.registerCommand(commands.dryRunAs, () => this.#runAs()));
    this._register(vscode.commands.registerCommand(commands.clearDryRun, () => this.#clear()));
    this._register(
      vscode.commands.registerCommand(commands.showStage, (uri: vscode.Uri, index: number) =>
        this.#showStages(this.#verdicts.get(uri), index),
      ),
    );
    this._register(
      vscode.commands.registerCommand(commands.openStage, (node?: StageNode) => {
        const report = reportOf(node);
        const { verdict } = this.#stages;
        if (verdict && report?.event !== undefined) openTrace(verdict, report.event);
      }),
    );
    this._register(
      vscode.commands.registerCommand(commands.diffStage, (node?: StageNode) => {
        const report = reportOf(node);
        if (report) return this.#diff.open(report, stageTitle(report));
        return undefined;
      }),
    );
    this._register(
      vscode.commands.registerCommand(commands.openRemedy, async ({ yaml }: Remedy) => {
        const document = await vscode.workspace.openTextDocument({
          language: 'yaml',
          content: yaml,
        });
        await vscode.window.showTextDocument(document);
      }),
    );
    this._register(
      vscode.workspace.onDidSaveTextDocument(
        (document) => this.#runsOn(document, 'save') && this.#run(document),
      ),
    );
    this._register(
      vscode.workspace.onDidChangeTextDocument(
        ({ document }) => this.#runsOn(document, 'type') && this.#runSoon(document),
      ),
    );
    this._register({ dispose: () => this.#timers.forEach((timer) => clearTimeout(timer)) });
  }

  async #runCommand(uri: vscode.Uri | undefined, end: number | undefined): Promise<void> {
    const document = uri
      ? await vscode.workspace.openTextDocument(uri)
      : vscode.window.activeTextEditor?.document;
    if (!document || !isManifest(document)) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a YAML file with Kubernetes manifests to dry-run it.'),
      );
      return;
    }
    const judgement = await this.#run(document, end);
    if (judgement) await this.#showStages(judgement, indexToShow(judgement, end));
  }

  async #run(document: vscode.TextDocument, end?: number): Promise<Judgement | undefined> {
    try {
      return await this.#verdicts.run(document, end);
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(
        vscode.l10n.t(
          'The dry-run failed: {0}',
          error instanceof Error ? error.message : String(error),
        ),
      );
      return undefined;
    }
  }

  async #showStages(judgement: Judgement | undefined, index: number): Promise<void> {
    const judged = judgement?.documents[index];
    if (!judged) return;
    const object = judged.document.type === 'object' ? judged.document.object : {};
    const { kind, metadata } = object as {
      kind?: string;
      metadata?: { name?: string };
    };
    const { user } = this.#verdicts;
    const what = `${kind ?? ''} ${metadata?.name ?? ''}`.trim();
    const title = user === undefined ? what : vscode.l10n.t('{0}, as {1}', what, user);
    this.#stages.show(await this.#verdicts.withDetails(judged.verdict), title);
    await vscode.commands.executeCommand(`${views.stages}.focus`, { preserveFocus: true });
    await this.#stages.revealRejection();
  }

  async #runAs(): Promise<void> {
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t('Dry-run as'),
      prompt: vscode.l10n.t(
        'A user, and groups after colons: alice:developers. A ServiceAccount: system:serviceaccount:NAMESPACE:NAME. Empty: the admin.',
      ),
    });
    if (text === undefined) return;
    const identity = identityOf(text);
    this.#verdicts.setUser(identity.user ? identity : undefined);
    await this.#runCommand(undefined, undefined);
  }

  #clear(): void {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri) this.#verdicts.clear(uri);
    this.#stages.show(undefined, '');
  }

  #runsOn(document: vscode.TextDocument, when: 'save' | 'type'): boolean {
    if (!isManifest(document)) return false;
    const mode = vscode.workspace
      .getConfiguration(undefined, document.uri)
      .get<string>(settings.dryRunOn, 'demand');
    return mode === when && manifestHeads(document.getText()).some(({ type }) => type === 'object');
  }

  #runSoon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => void this.#run(document), typingDelayMs),
    );
  }
}

/** The document that was asked for; of a whole file the first that is refused, else the first. */
function indexToShow({ documents }: Judgement, end: number | undefined): number {
  if (end !== undefined) return documents.length - 1;
  const refused = documents.findIndex(({ verdict }) => verdict.outcome === 'rejected');
  return Math.max(0, refused);
}

const reportOf = (node: StageNode | undefined): StageReport | undefined =>
  node?.type === 'stage' || node?.type === 'plugin' ? node.report : undefined;

const stageTitle = (report: StageReport): string =>
  vscode.l10n.t('What {0} changed', report.plugin ?? stageName(report.stage));
