import * as vscode from 'vscode';
import type { JsonObject, JsonValue } from '../../api/meta.ts';
import { Disposable } from '../../base/disposable.ts';
import type { StageReport } from '../../source/port.ts';
import { toYaml } from '../../yaml/render.ts';

const scheme = 'k8s-dry-run';

/** What a stage of a dry-run changed, as a diff of two documents that hold only the fields concerned. */
export class StageDiff extends Disposable implements vscode.TextDocumentContentProvider {
  /** By path; only the newest diffs are kept, as nothing says when a document is closed for good. */
  readonly #texts = new Map<string, string>();
  #count = 0;

  constructor() {
    super();
    this._register(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  async open(report: StageReport, title: string): Promise<void> {
    const name = report.plugin ?? report.stage;
    const before = this.#add(
      `${name} (before).yaml`,
      report.changes.map(({ path, before }) => [path, before]),
    );
    const after = this.#add(
      `${name} (after).yaml`,
      report.changes.map(({ path, after }) => [path, after]),
    );
    await vscode.commands.executeCommand('vscode.diff', before, after, title, { preview: true });
  }

  #add(name: string, values: readonly (readonly [string, unknown])[]): vscode.Uri {
    const path = `/${++this.#count}/${name}`;
    const sparse = sparseObject(values);
    this.#texts.set(path, sparse === undefined ? '' : toYaml(sparse));
    for (const old of [...this.#texts.keys()].slice(0, -40)) this.#texts.delete(old);
    return vscode.Uri.from({ scheme, path });
  }
}

/**
 * The smallest value that has the given ones at their JSON pointers; undefined when there are none. Items of lists that
 * are not concerned are left out.
 */
export function sparseObject(
  values: readonly (readonly [pointer: string, value: unknown])[],
): JsonValue | undefined {
  const root: Node = { children: new Map() };
  for (const [pointer, value] of values) {
    if (value === undefined) continue;
    let node = root;
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const next = node.children.get(key) ?? { children: new Map<string, Node>() };
      node.children.set(key, next);
      node = next;
    }
    node.value = value as JsonValue;
  }
  return valueOf(root);
}

interface Node {
  readonly children: Map<string, Node>;
  value?: JsonValue;
}

function valueOf(node: Node): JsonValue | undefined {
  if (!node.children.size) return node.value;
  const entries = [...node.children].map(([key, child]) => [key, valueOf(child)] as const);
  if (entries.every(([key]) => /^(0|[1-9]\d*)$/.test(key)))
    return entries.map(([, value]) => value ?? null);
  const object: JsonObject = {};
  for (const [key, value] of entries) if (value !== undefined) object[key] = value;
  return object;
}
