import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { explanationOf } from '../../verdict/explain.ts';
import { commands } from '../contributions.ts';
import { headOf, problemsIn, stageName, type JudgedDocument, type Verdicts } from './verdicts.ts';

/** Over a problem: which stage and plugin say so, what they are for, and what to do. */
export class Hovers extends Disposable implements vscode.HoverProvider {
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    super();
    this.#verdicts = verdicts;
    this._register(vscode.languages.registerHoverProvider({ language: 'yaml' }, this));
  }

  provideHover(
    textDocument: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.Hover | undefined {
    const judgement = this.#verdicts.get(textDocument.uri);
    if (judgement?.version !== textDocument.version) return undefined;
    const offset = textDocument.offsetAt(position);
    for (const [index, judged] of judgement.documents.entries()) {
      const problem = problemsIn(judged).find(({ place }) => {
        const { start, end } = place ?? headOf(judged);
        return start <= offset && offset <= end;
      });
      if (!problem) continue;
      const { start, end } = problem.place ?? headOf(judged);
      return new vscode.Hover(
        textOf(judged, problem.kind, [textDocument.uri, index]),
        new vscode.Range(textDocument.positionAt(start), textDocument.positionAt(end)),
      );
    }
    return undefined;
  }
}

function textOf(
  { verdict }: JudgedDocument,
  kind: 'refusal' | 'warning' | 'forecast',
  place: readonly [vscode.Uri, number],
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [commands.showStage] };
  if (kind === 'refusal') {
    const { title, what, remedy } = explanationOf(verdict.stage, verdict.plugin);
    const stage = stageName(verdict.stage);
    text.appendMarkdown(
      `**${title}**${verdict.plugin === undefined ? '' : ` (${stage})`}\n\n${what}\n\n`,
    );
    if (remedy) text.appendMarkdown(`${remedy}\n\n`);
    if (verdict.remedy) text.appendCodeblock(verdict.remedy.yaml, 'yaml');
  } else if (kind === 'warning')
    text.appendMarkdown(
      `${vscode.l10n.t('The server accepts this, with a warning in its answer.')}\n\n`,
    );
  else
    text.appendMarkdown(
      `${vscode.l10n.t('Every stage lets this pass. The look ahead, a copy of the cluster run forward, shows what comes of it.')}\n\n`,
    );
  const args = encodeURIComponent(JSON.stringify(place));
  text.appendMarkdown(
    `[${vscode.l10n.t('Show the stages')}](command:${commands.showStage}?${args})`,
  );
  return text;
}
