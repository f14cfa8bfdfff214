import * as vscode from 'vscode';
import type { Fix } from '../../api/fieldEdit.ts';
import { Disposable } from '../../base/disposable.ts';
import { textEditOf } from '../../yaml/edits.ts';
import { diagnosticSource } from './diagnostics.ts';
import { headOf, problemsIn, type JudgedDocument, type Verdicts } from './verdicts.ts';

/** Ways out of a refusal, as quick fixes on its problem. */
export class QuickFixes extends Disposable implements vscode.CodeActionProvider {
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    super();
    this.#verdicts = verdicts;
    this._register(
      vscode.languages.registerCodeActionsProvider({ language: 'yaml' }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
    );
  }

  provideCodeActions(
    textDocument: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const judgement = this.#verdicts.get(textDocument.uri);
    if (judgement?.version !== textDocument.version) return [];
    const ours = diagnostics.filter(({ source }) => source === diagnosticSource());
    return judgement.documents.flatMap((judged) => {
      const fixes = judged.verdict.fixes ?? [];
      return fixes.flatMap((fix) => {
        const place = placeOf(judged, fix);
        const where = new vscode.Range(
          textDocument.positionAt(place.start),
          textDocument.positionAt(place.end),
        );
        if (!where.intersection(range)) return [];
        const edit = workspaceEdit(textDocument, judged, fix);
        if (!edit) return [];
        const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
        action.edit = edit;
        action.isPreferred = fix.isCertain;
        action.diagnostics = ours.filter((it) => it.range.intersection(where));
        return [action];
      });
    });
  }
}

/** Where the problem stands that a fix is for. */
function placeOf(judged: JudgedDocument, fix: Fix) {
  const { document } = judged;
  const { field } = fix;
  const own = field !== undefined && document.type === 'object' && document.fields.rangeOf(field);
  const problem = problemsIn(judged).find(
    ({ kind, message, place }) =>
      kind === 'refusal' &&
      place &&
      (field === undefined || message.startsWith(`${field}:`) || message.includes(`"${field}"`)),
  );
  return problem?.place ?? (own || headOf(judged));
}

function workspaceEdit(
  textDocument: vscode.TextDocument,
  { document }: JudgedDocument,
  fix: Fix,
): vscode.WorkspaceEdit | undefined {
  if (document.type !== 'object') return undefined;
  const text = textDocument.getText();
  const result = new vscode.WorkspaceEdit();
  for (const change of fix.edits) {
    const edit = textEditOf(text, document, change);
    if (!edit) return undefined;
    const { start, end } = edit.range;
    const range = new vscode.Range(textDocument.positionAt(start), textDocument.positionAt(end));
    result.replace(textDocument.uri, range, edit.text);
  }
  return result;
}
