import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource } from '../../source/port.ts';
import { renderStored } from '../../yaml/render.ts';
import { keyScheme, settings } from '../contributions.ts';
import { keyUri, parseKeyUri } from './keyUri.ts';

/** Keys as YAML documents that can only be read, at any revision. */
export class KeyDocuments extends Disposable implements vscode.TextDocumentContentProvider {
  readonly #source: ClusterSource;
  readonly #changed = this._register(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;
  #showSecrets = false;
  #showManagedFields = false;

  constructor(source: ClusterSource) {
    super();
    this.#source = source;
    this._register(vscode.workspace.registerTextDocumentContentProvider(keyScheme, this));
    // Documents of the present follow it; those of a revision never change.
    this._register(
      source.keys.onDidChange((changes) => {
        const open = new Set(
          vscode.workspace.textDocuments
            .filter(({ uri }) => uri.scheme === keyScheme && uri.query === '')
            .map(({ uri }) => parseKeyUri(uri).key),
        );
        for (const key of new Set(changes.map((change) => change.key)))
          if (open.has(key)) this.#changed.fire(keyUri(key));
      }),
    );
  }

  /** Whether data of Secrets is shown: by the setting, or since it was asked for. */
  get showsSecrets(): boolean {
    return (
      this.#showSecrets ||
      vscode.workspace.getConfiguration().get<boolean>(settings.showSecrets, false)
    );
  }

  toggleSecrets(): void {
    this.#showSecrets = !this.#showSecrets;
    this.#refresh();
  }

  toggleManagedFields(): void {
    this.#showManagedFields = !this.#showManagedFields;
    this.#refresh();
  }

  #refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments)
      if (uri.scheme === keyScheme) this.#changed.fire(uri);
  }

  get #showsManagedFields(): boolean {
    return (
      this.#showManagedFields ||
      vscode.workspace.getConfiguration().get<boolean>(settings.showManagedFields, false)
    );
  }

  /** A stored value as this view prints it; `brief` without managedFields. */
  render(key: string, text: string, brief = false): string {
    return renderStored(key, text, { showSecrets: this.showsSecrets, brief });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { key, revision } = parseKeyUri(uri);
    if (revision === 0) return '';
    try {
      const version = await this.#source.keys.read(key, revision);
      if (!version)
        return `# ${revision === undefined ? vscode.l10n.t('{0} is not there.', key) : vscode.l10n.t('{0} is not there at revision {1}.', key, revision)}\n`;
      if (version.isBinary) return version.text;
      const brief = !this.#showsManagedFields;
      const hint =
        brief && version.text.includes('"managedFields":')
          ? `# ${vscode.l10n.t('metadata.managedFields is left out; the command "Show or Hide managedFields" brings it back.')}\n`
          : '';
      return hint + this.render(key, version.text, brief);
    } catch (error) {
      return `# ${error instanceof Error ? error.message : String(error)}\n`;
    }
  }
}
