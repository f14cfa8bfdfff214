import * as vscode from 'vscode';
import { defined } from '../../base/assert.ts';
import { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import type {
  ClusterSource,
  DocumentVerdict,
  DryRunRequest,
  DryRunResult,
} from '../../source/port.ts';
import { problemsOf, type Problem } from '../../verdict/problems.ts';
import { DocumentParser, type YamlDocument } from '../../yaml/documents.ts';
import type { Range } from '../../yaml/fieldMap.ts';
import { contextKeys, renderedScheme, settings } from '../contributions.ts';
import type { ClusterControl } from '../cluster/clusterControl.ts';

export interface JudgedDocument {
  readonly document: YamlDocument & { readonly type: 'object' | 'broken' };
  readonly verdict: DocumentVerdict;
}

export interface Judgement {
  readonly uri: vscode.Uri;
  readonly version: number;
  readonly documents: readonly JudgedDocument[];
}

/** Where a verdict is shown when it has no place of its own. */
export const headOf = ({ document }: JudgedDocument): Range =>
  document.type === 'object' ? document.head : document.at;

/** What is to be said about a document. A text that is no YAML is left to the YAML extension where there is one. */
export function problemsIn({ document, verdict }: JudgedDocument): readonly Problem[] {
  if (document.type === 'object') return problemsOf(verdict, document.fields);
  if (vscode.extensions.getExtension('redhat.vscode-yaml')) return [];
  return [{ kind: 'refusal', message: verdict.message, place: document.at }];
}

/** kubectl reads the whole file first, and sends nothing if it cannot. */
const unreadable = (message: string): DocumentVerdict => ({
  outcome: 'rejected',
  stage: 'client',
  message: vscode.l10n.t('no YAML: {0}', message),
  causes: [],
  warnings: [],
  stages: [],
  trace: [],
});

/** So many are judged and looked ahead at in one go. */
const fewDocuments = 5;

/** So long this thread, which all extensions share, works at a stretch. */
const sliceMs = 5;

async function parse(parser: DocumentParser, text: string): Promise<YamlDocument[]> {
  let since = performance.now();
  return parser.parse(
    text,
    () => performance.now() - since > sliceMs,
    () =>
      new Promise((resolve) =>
        setImmediate(() => {
          since = performance.now();
          resolve();
        }),
      ),
  );
}

/** Whether a text document is one whose manifests can be judged. */
export const isManifest = (document: vscode.TextDocument): boolean =>
  document.languageId === 'yaml' &&
  ['file', 'untitled', 'vscode-vfs', 'vscode-remote', renderedScheme].includes(document.uri.scheme);

const uriOf = ({ input }: vscode.Tab): vscode.Uri | undefined =>
  input instanceof vscode.TabInputText ? input.uri : undefined;

/** Runs dry-runs and remembers their verdicts, by file. A verdict goes when its text changes. */
export class Verdicts extends Disposable {
  readonly #source: ClusterSource;
  readonly #control: ClusterControl;
  readonly #judgements = new Map<string, Judgement>();
  /** While a file is open: mostly, one of its documents changes. */
  readonly #parsers = new WeakMap<vscode.TextDocument, DocumentParser>();
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

  /** Judges the documents of a file, those that begin before the offset `end` (all unless given): the earlier ones count as applied. */
  async run(textDocument: vscode.TextDocument, end?: number): Promise<Judgement | undefined> {
    const [judgement] = await this.#judge([textDocument], end);
    return judgement;
  }

  /** Judges the documents of several files in order, as `kubectl apply -f FOLDER` would send them. */
  async runAll(textDocuments: readonly vscode.TextDocument[]): Promise<Judgement[]> {
    return this.#judge(textDocuments);
  }

  async #judge(textDocuments: readonly vscode.TextDocument[], end?: number): Promise<Judgement[]> {
    await this.#control.start();
    if (this.#source.state.phase !== 'running') return [];
    const versions = textDocuments.map(({ version }) => version);
    const files: JudgedDocument['document'][][] = [];
    for (const textDocument of textDocuments)
      files.push(
        (await parse(this.#parserOf(textDocument), textDocument.getText())).filter(
          (document) =>
            (document.type === 'object' || document.type === 'broken') &&
            (end === undefined || document.range.start < end),
        ) as JudgedDocument['document'][],
      );
    const [first] = textDocuments;
    const seconds = vscode.workspace
      .getConfiguration(undefined, first?.uri)
      .get<number>(settings.forecastSeconds, 60);
    const documents = files
      .flat()
      .flatMap((it) => (it.type === 'object' ? [{ object: it.object }] : []));
    const ask = async (forwardSeconds: number): Promise<Judgement[]> => {
      const result = await this.#source.dryRun({
        documents,
        forwardSeconds,
        ...(first && { topic: first.uri.toString() }),
        ...(this.#as && { as: this.#as }),
      });
      return this.#publish(textDocuments, versions, files, result);
    };
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Window,
        title: vscode.l10n.t('Dry-run through the API pipeline'),
      },
      async () => {
        // What would follow of many takes seconds; what the server says of them, no longer than a keystroke.
        if (seconds > 0 && documents.length > fewDocuments) {
          const fresh = await ask(0);
          if (!fresh.length) return [];
        }
        return ask(seconds);
      },
    );
  }

  /** Tells of the verdicts on texts that are still the same. */
  #publish(
    textDocuments: readonly vscode.TextDocument[],
    versions: readonly number[],
    files: readonly JudgedDocument['document'][][],
    result: DryRunResult,
  ): Judgement[] {
    const verdicts = result.documents.values();
    const judgements = files.map((documents, index): Judgement | undefined => {
      const judged = documents.map((document) => ({
        document,
        verdict:
          document.type === 'object'
            ? defined(verdicts.next().value, 'a verdict for each document')
            : unreadable(document.message),
      }));
      const textDocument = textDocuments[index];
      if (!textDocument || textDocument.version !== versions[index]) return undefined;
      return { uri: textDocument.uri, version: textDocument.version, documents: judged };
    });
    const fresh = judgements.filter((it) => it !== undefined);
    for (const judgement of fresh) {
      this.#judgements.set(judgement.uri.toString(), judgement);
      this.#onDidChange.fire(judgement.uri);
    }
    if (fresh.length)
      void vscode.commands.executeCommand('setContext', contextKeys.hasVerdict, true);
    return fresh;
  }

  #parserOf(textDocument: vscode.TextDocument): DocumentParser {
    const parser = this.#parsers.get(textDocument) ?? new DocumentParser();
    this.#parsers.set(textDocument, parser);
    return parser;
  }

  /** A verdict with its stages and its trace. */
  async withDetails(verdict: DocumentVerdict): Promise<DocumentVerdict> {
    const details = verdict.ref && (await this.#source.dryRunDetails(verdict.ref));
    return { ...verdict, ...details };
  }

  get user(): string | undefined {
    return this.#as?.user;
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
