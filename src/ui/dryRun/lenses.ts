import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { manifestHeads } from '../../yaml/heads.ts';
import { commands, settings } from '../contributions.ts';
import { headOf, isManifest, verdictTitle, type Verdicts } from './verdicts.ts';

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
    const lineAt = (offset: number) => document.lineAt(document.positionAt(offset)).range;
    const runs = manifestHeads(document.getText()).map(({ type, offset, end }) =>
      type === 'template'
        ? new vscode.CodeLens(lineAt(offset), {
            title: vscode.l10n.t('A template: render it first to dry-run it'),
            command: '',
          })
        : new vscode.CodeLens(lineAt(offset), {
            title: vscode.l10n.t('Dry-run through API pipeline'),
            command: commands.dryRun,
            arguments: [document.uri, end],
          }),
    );
    if (judgement?.version !== document.version) return runs;
    const verdicts = judgement.documents.map((judged, index) => {
      const title = verdictTitle(judged.verdict);
      return new vscode.CodeLens(lineAt(headOf(judged).start), {
        title,
        tooltip: judged.verdict.message || title,
        command: commands.showStage,
        arguments: [document.uri, index],
      });
    });
    return [...verdicts, ...runs];
  }
}
