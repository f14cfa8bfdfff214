import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import { commands, renderedScheme } from '../contributions.ts';
import type { Verdicts } from './verdicts.ts';

export type Kustomize = (folder: string) => Promise<string | undefined>;

const kustomizations = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** A folder of manifests, judged in order with the earlier files applied; a kustomization is rendered first. */
export class Folders extends Disposable implements vscode.TextDocumentContentProvider {
  readonly #verdicts: Verdicts;
  readonly #kustomize: Kustomize;
  readonly #log: vscode.LogOutputChannel;
  readonly #rendered = new Map<string, string>();
  readonly #changed = this._register(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;

  constructor(verdicts: Verdicts, kustomize: Kustomize, log: vscode.LogOutputChannel) {
    super();
    this.#verdicts = verdicts;
    this.#kustomize = kustomize;
    this.#log = log;
    this._register(vscode.workspace.registerTextDocumentContentProvider(renderedScheme, this));
    this._register(
      vscode.commands.registerCommand(commands.dryRunFolder, (folder?: vscode.Uri) =>
        this.#runCommand(folder),
      ),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#rendered.get(uri.path) ?? '';
  }

  async #runCommand(given: vscode.Uri | undefined): Promise<void> {
    const folder = given ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder) return;
    try {
      const names = (await vscode.workspace.fs.readDirectory(folder))
        .filter(([, type]) => type !== vscode.FileType.Directory)
        .map(([name]) => name)
        .sort();
      const rendered = names.some((name) => kustomizations.includes(name))
        ? await this.#render(folder)
        : undefined;
      const files = rendered
        ? [rendered]
        : names
            .filter((name) => /\.(ya?ml|json)$/.test(name) && !kustomizations.includes(name))
            .map((name) => vscode.Uri.joinPath(folder, name));
      const documents = await Promise.all(
        files.map((file) => vscode.workspace.openTextDocument(file)),
      );
      await this.#judge(folder, documents);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error(message);
      void vscode.window.showErrorMessage(vscode.l10n.t('The dry-run failed: {0}', message));
    }
  }

  async #judge(folder: vscode.Uri, files: readonly vscode.TextDocument[]): Promise<void> {
    const judged = (await this.#verdicts.runAll(files)).flatMap(({ documents }) => documents);
    const refused = judged.filter(({ verdict }) => verdict.outcome === 'rejected').length;
    const name = vscode.workspace.asRelativePath(folder);
    if (!judged.length)
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} has no Kubernetes manifests.', name),
      );
    else if (refused) {
      await vscode.commands.executeCommand('workbench.actions.view.problems');
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          '{0} of {1} documents in {2} would be rejected.',
          refused,
          judged.length,
          name,
        ),
      );
    } else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('All {0} documents in {1} would be accepted.', judged.length, name),
      );
  }

  /** The kustomization as one document to read; undefined, with a word about it, when it cannot be rendered here. */
  async #render(folder: vscode.Uri): Promise<vscode.Uri | undefined> {
    if (!vscode.workspace.isTrusted || folder.scheme !== 'file') {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'kubectl renders kustomizations only in a trusted folder on this machine; the files are judged as they are.',
        ),
      );
      return undefined;
    }
    const text = await this.#kustomize(folder.fsPath);
    if (text === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'There is no kubectl on the PATH to render the kustomization; the files are judged as they are.',
        ),
      );
      return undefined;
    }
    const uri = vscode.Uri.from({ scheme: renderedScheme, path: `${folder.path}/rendered.yaml` });
    this.#rendered.set(uri.path, text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
    return uri;
  }
}
