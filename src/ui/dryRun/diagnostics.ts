import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { Range } from '../../yaml/fieldMap.ts';
import { explanationUri } from './explanations.ts';
import { headOf, problemsIn, stageName, type JudgedDocument, type Verdicts } from './verdicts.ts';

/** Whose problems these are, as the Problems view shows. */
export const diagnosticSource = (): string => vscode.l10n.t('API pipeline');

/** Verdicts as diagnostics on the exact field. They come from the pipeline, which no schema check can know. */
export class Diagnostics extends Disposable {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    super();
    this.#verdicts = verdicts;
    this.#collection = this._register(vscode.languages.createDiagnosticCollection('k8s-internals'));
    this._register(verdicts.onDidChange((uri) => this.#update(uri)));
  }

  #update(uri: vscode.Uri): void {
    const judgement = this.#verdicts.get(uri);
    const document = vscode.workspace.textDocuments.find(
      (it) => it.uri.toString() === uri.toString(),
    );
    if (!judgement || !document) {
      this.#collection.delete(uri);
      return;
    }
    const rangeAt = (range: Range) =>
      new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
    this.#collection.set(
      uri,
      judgement.documents.flatMap((judged) => diagnosticsOf(judged, rangeAt)),
    );
  }
}

function diagnosticsOf(
  judged: JudgedDocument,
  rangeAt: (range: Range) => vscode.Range,
): vscode.Diagnostic[] {
  const { verdict } = judged;
  return problemsIn(judged).map(({ kind, message, place }) => {
    const range = rangeAt(place ?? headOf(judged));
    const { Error, Warning } = vscode.DiagnosticSeverity;
    switch (kind) {
      case 'refusal':
        return diagnostic(range, message, Error, {
          value: stageName(verdict.stage),
          target: explanationUri(verdict),
        });
      case 'warning':
        return diagnostic(range, message, Warning, vscode.l10n.t('the server warns'));
      case 'forecast': {
        const then = vscode.l10n.t('Accepted, but then: {0}', message);
        return diagnostic(range, then, Warning, vscode.l10n.t('after admission'));
      }
    }
  });
}

function diagnostic(
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
  code: NonNullable<vscode.Diagnostic['code']>,
): vscode.Diagnostic {
  const result = new vscode.Diagnostic(range, message, severity);
  result.source = diagnosticSource();
  result.code = code;
  return result;
}
