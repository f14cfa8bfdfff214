import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { DocumentVerdict } from '../../source/port.ts';
import { explanationPage } from '../../verdict/explain.ts';

const scheme = 'k8s-explain';

/** Pages about stages and plugins, which the codes of problems link to. */
export class Explanations extends Disposable implements vscode.TextDocumentContentProvider {
  constructor() {
    super();
    this._register(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return explanationPage(uri.path.replace(/^\/|\.md$/g, ''));
  }
}

export const explanationUri = ({ stage, plugin }: DocumentVerdict): vscode.Uri =>
  vscode.Uri.from({ scheme, path: `/${plugin ?? stage ?? 'client'}.md` });
