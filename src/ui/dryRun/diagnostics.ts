import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { problemsOf } from '../../verdict/problems.ts';
import type { Range } from '../../yaml/documents.ts';
import { stageName, type JudgedDocument, type Verdicts } from './verdicts.ts';

const documentation = 'https://kubernetes.io/docs/reference/access-authn-authz/controlling-access/';

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
  { document, verdict }: JudgedDocument,
  rangeAt: (range: Range) => vscode.Range,
): vscode.Diagnostic[] {
  return problemsOf(verdict, document.fields).map(({ kind, message, place }) => {
    const range = rangeAt(place ?? document.head);
    const { Error, Warning } = vscode.DiagnosticSeverity;
    switch (kind) {
      case 'refusal':
        return diagnostic(range, message, Error, stageName(verdict.stage));
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
  stage: string,
): vscode.Diagnostic {
  const result = new vscode.Diagnostic(range, message, severity);
  result.source = vscode.l10n.t('API pipeline');
  result.code = { value: stage, target: vscode.Uri.parse(documentation) };
  return result;
}
