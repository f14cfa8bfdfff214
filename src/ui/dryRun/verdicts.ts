import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import type { ClusterSource, DocumentVerdict, DryRunRequest } from '../../source/port.ts';
import { parseDocuments, type YamlDocument } from '../../yaml/documents.ts';
import { contextKeys, settings } from '../contributions.ts';
import type { ClusterControl } from '../cluster/clusterControl.ts';

export interface JudgedDocument {
  readonly document: YamlDocument & { readonly type: 'object' };
  readonly verdict: DocumentVerdict;
}

export interface Judgement {
  readonly uri: vscode.Uri;
  readonly version: number;
  readonly documents: readonly JudgedDocument[];
}

/** Whether a text document is one whose manifests can be judged. */
export const isManifest = (document: vscode.TextDocument): boolean =>
  document.languageId === 'yaml' &&
  ['file', 'untitled', 'vscode-vfs', 'vscode-remote'].includes(document.uri.scheme);

const uriOf = ({ input }: vscode.Tab): vscode.Uri | undefined =>
  input instanceof vscode.TabInputText ? input.uri : undefined;

/** Runs dry-runs and remembers their verdicts, by file. A verdict goes when its text changes. */
export class Verdicts extends Disposable {
  readonly #source: ClusterSource;
  readonly #control: ClusterControl;
  readonly #judgements = new Map<string, Judgement>();
  readonly #onDidChange = this._register(new Emitter<vscode.Uri>());
  readonly onDidChange = this.#onDidChange.event;
  #as: DryRunRequest['as'];

  constructor(source: ClusterSource, control: ClusterControl) {
    super();
    this.#source = source;
    this.#control = control;
    this._register(
      vscode.workspace.onDidChangeTextDocument(
        ({ document, contentChanges }) => contentChanges.length && this.clear(document.uri),
      ),
    );
    this._register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.clear(uri)));
    this._register(vscode.window.tabGroups.onDidChangeTabs(({ closed }) => this.#forget(closed)));
  }

  /** VS Code keeps a document for minutes after its last editor was closed; its problems would stay as long. */
  #forget(closed: readonly vscode.Tab[]): void {
    const open = new Set(
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map((tab) => uriOf(tab)?.toString())),
    );
    for (const uri of closed.map(uriOf)) if (uri && !open.has(uri.toString())) this.clear(uri);
  }

  get(uri: vscode.Uri): Judgement | undefined {
    return this.#judgements.get(uri.toString());
  }

  /** Judges the documents of a file up to and with `last` (all unless given): the earlier ones count as applied. */
  async run(textDocument: vscode.TextDocument, last?: number): Promise<Judgement | undefined> {
    await this.#control.start();
    if (this.#source.state.phase !== 'running') return undefined;
    const { version, uri } = textDocument;
    const documents = parseDocuments(textDocument.getText()).filter(
      (document) => document.type === 'object',
    );
    const judged = last === undefined ? documents : documents.slice(0, last + 1);
    const configuration = vscode.workspace.getConfiguration(undefined, uri);
    const result = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Window,
        title: vscode.l10n.t('Dry-run through the API pipeline'),
      },
      () =>
        this.#source.dryRun({
          documents: judged.map(({ object }) => ({ object })),
          forwardSeconds: configuration.get<number>(settings.forecastSeconds, 60),
          ...(this.#as && { as: this.#as }),
        }),
    );
    if (textDocument.version !== version) return undefined;
    const judgement: Judgement = {
      uri,
      version,
      documents: result.documents.flatMap((verdict, index) => {
        const document = judged[index];
        return document ? [{ document, verdict }] : [];
      }),
    };
    this.#judgements.set(uri.toString(), judgement);
    void vscode.commands.executeCommand('setContext', contextKeys.hasVerdict, true);
    this.#onDidChange.fire(uri);
    return judgement;
  }

  /** Who the requests are made as from now on; undefined: the admin. */
  setUser(as: DryRunRequest['as']): void {
    this.#as = as;
  }

  clear(uri: vscode.Uri): void {
    if (this.#judgements.delete(uri.toString())) this.#onDidChange.fire(uri);
  }
}

/** The verdict in a line: `✗ rejected by validation: …`. */
export function verdictTitle(verdict: DocumentVerdict): string {
  const { outcome, stage, plugin, message, forecast } = verdict;
  if (outcome === 'rejected') {
    const where =
      stage === 'authorization'
        ? vscode.l10n.t('authorization')
        : vscode.l10n.t('rejected by {0}', plugin ?? stageName(stage));
    return `✗ ${where}: ${shorten(message)}`;
  }
  const accepted = {
    created: vscode.l10n.t('would be created'),
    configured: vscode.l10n.t('would be configured'),
    unchanged: vscode.l10n.t('unchanged'),
    skipped: message,
  }[outcome];
  if (forecast?.outcome === 'stuck')
    return `! ${vscode.l10n.t('{0}, then: {1}', accepted, shorten(forecast.summary))}`;
  if (forecast?.outcome === 'healthy')
    return `✓ ${vscode.l10n.t('{0}, then: {1}', accepted, forecast.summary)}`;
  return `✓ ${accepted}`;
}

export function stageName(stage: DocumentVerdict['stage']): string {
  if (stage === undefined) return vscode.l10n.t('the server');
  if (stage === 'client') return 'kubectl';
  return stageTitles()[stage];
}

export const stageTitles = (): Record<
  Exclude<DocumentVerdict['stage'], undefined | 'client'>,
  string
> => ({
  authentication: vscode.l10n.t('authentication'),
  audit: vscode.l10n.t('audit'),
  impersonation: vscode.l10n.t('impersonation'),
  priorityAndFairness: vscode.l10n.t('priority and fairness'),
  authorization: vscode.l10n.t('authorization'),
  body: vscode.l10n.t('reading the body'),
  decoding: vscode.l10n.t('decoding'),
  patch: vscode.l10n.t('patch'),
  managedFields: vscode.l10n.t('managed fields'),
  mutatingAdmission: vscode.l10n.t('mutating admission'),
  strategy: vscode.l10n.t('strategy'),
  validation: vscode.l10n.t('validation'),
  validatingAdmission: vscode.l10n.t('validating admission'),
  storage: vscode.l10n.t('storage'),
});

const shorten = (text: string): string => {
  const line =
    text
      .replace(/^.*? is invalid: /s, '')
      .replace(/^\w+ in version "[^"]*" cannot be handled as an? \w+: /, '')
      .split('\n', 1)[0] ?? '';
  return line.length > 110 ? `${line.slice(0, 107)}…` : line;
};
