import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { parseDocuments } from '../../yaml/documents.ts';
import { commands, settings } from '../contributions.ts';
import { isManifest, verdictTitle, type Verdicts } from './verdicts.ts';

/** A lens above every Kubernetes document: the dry-run, and then its verdict. */
export class Lenses extends Disposable implements vscode.CodeLensProvider {
  readonly #verdicts: Verdicts;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(verdicts: Verdicts) {
    super();
    this.#verdicts = verdicts;
    this._register(verdicts.onDidChange(() => this.#changed.fire()));
    this._register(
      vscode.workspace.onDidChangeConfiguration(
        (change) => change.affectsConfiguration(settings.codeLens) && this.#changed.fire(),
      ),
    );
    this._register(vscode.languages.registerCodeLensProvider({ language: 'yaml' }, this));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (
      !isManifest(document) ||
      !vscode.workspace
        .getConfiguration(undefined, document.uri)
        .get<boolean>(settings.codeLens, true)
    )
      return [];
    const judgement = this.#verdicts.get(document.uri);
    let index = -1;
    return parseDocuments(document.getText()).flatMap((parsed) => {
      if (parsed.type === 'template') return [this.#templateLens(document, parsed.range.start)];
      if (parsed.type !== 'object') return [];
      index++;
      const line = document.lineAt(document.positionAt(parsed.head.start)).range;
      const run = new vscode.CodeLens(line, {
        title: vscode.l10n.t('Dry-run through API pipeline'),
        command: commands.dryRun,
        arguments: [document.uri, index],
      });
      const judged = judgement?.documents[index];
      if (!judged) return [run];
      const title = verdictTitle(judged.verdict);
      return [
        new vscode.CodeLens(line, {
          title,
          tooltip: judged.verdict.message || title,
          command: commands.showStage,
          arguments: [document.uri, index],
        }),
        run,
      ];
    });
  }

  #templateLens(document: vscode.TextDocument, offset: number): vscode.CodeLens {
    const line = document.lineAt(document.positionAt(offset)).range;
    return new vscode.CodeLens(line, {
      title: vscode.l10n.t('A template: render it first to dry-run it'),
      command: '',
    });
  }
}
