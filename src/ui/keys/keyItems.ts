import * as vscode from 'vscode';
import type { KeyEntry, KeyRevision } from '../../source/port.ts';
import { commands } from '../contributions.ts';
import { age } from '../words.ts';
import { keyUri } from './keyUri.ts';

/** What the tree of keys consists of: prefixes, keys, and below a key its revisions. */
export type KeyNode = KeyEntry | RevisionNode;

export interface RevisionNode {
  readonly type: 'revision';
  readonly key: string;
  readonly write: KeyRevision;
}

export function idOf(node: KeyNode): string {
  switch (node.type) {
    case 'prefix':
      return `p:${node.prefix}`;
    case 'key':
      return `k:${node.key}`;
    case 'revision':
      return `r:${node.key}@${node.write.revision}`;
  }
}

/** @param revision that the tree stands at; undefined: the present */
export function treeItem(node: KeyNode, revision: number | undefined): vscode.TreeItem {
  const item =
    node.type === 'prefix'
      ? prefixItem(node)
      : node.type === 'key'
        ? keyItem(node, revision)
        : revisionItem(node);
  item.id = idOf(node);
  return item;
}

function prefixItem(node: Extract<KeyNode, { type: 'prefix' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Collapsed);
  item.description = node.count.toLocaleString();
  item.iconPath = node.prefix.endsWith('/')
    ? vscode.ThemeIcon.Folder
    : new vscode.ThemeIcon('list-flat');
  item.contextValue = 'prefix';
  item.tooltip = node.prefix;
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}, {1} keys', node.label, node.count),
  };
  return item;
}

function keyItem(
  node: Extract<KeyNode, { type: 'key' }>,
  revision: number | undefined,
): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Collapsed);
  item.description = `@${node.modRevision}`;
  item.tooltip =
    vscode.l10n.t('{0}\nrevision {1}, version {2}', node.key, node.modRevision, node.version) +
    (node.lease ? `\n${vscode.l10n.t('lease {0}', node.lease)}` : '');
  item.iconPath = new vscode.ThemeIcon(node.lease ? 'watch' : 'key');
  item.resourceUri = keyUri(node.key);
  item.contextValue = 'key';
  item.command = open(node.key, revision);
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}, revision {1}', node.label, node.modRevision),
  };
  return item;
}

function revisionItem({ key, write }: RevisionNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('revision {0}', write.revision));
  const told = [write.writer, age(write.ageUs)].filter(Boolean).join(' · ');
  item.description = told;
  item.iconPath = new vscode.ThemeIcon(writeIcon(write));
  item.tooltip = [
    `${writeWords(write)} · ${vscode.l10n.t('revision {0}', write.revision)}`,
    write.writer || vscode.l10n.t('Who wrote it is no longer recorded.'),
    ...(write.ageUs === undefined ? [] : [age(write.ageUs)]),
  ].join('\n');
  item.contextValue = `revision.${write.type}`;
  item.command =
    write.type === 'put'
      ? open(key, write.revision)
      : {
          command: commands.compareBefore,
          title: vscode.l10n.t('Compare'),
          arguments: [{ type: 'revision', key, write } satisfies RevisionNode],
        };
  item.accessibilityInformation = {
    label: [vscode.l10n.t('revision {0}', write.revision), writeWords(write), told]
      .filter(Boolean)
      .join(', '),
  };
  return item;
}

const open = (key: string, revision: number | undefined): vscode.Command => ({
  command: commands.openKey,
  title: vscode.l10n.t('Open'),
  arguments: [key, revision],
});

/** What a write did to its key, as an icon. */
export function writeIcon({ type, version }: KeyRevision): string {
  if (type === 'delete') return 'diff-removed';
  return version === 1 ? 'diff-added' : 'diff-modified';
}

/** The same in words. */
export function writeWords({ type, version }: KeyRevision): string {
  if (type === 'delete') return vscode.l10n.t('deleted');
  return version === 1 ? vscode.l10n.t('created') : vscode.l10n.t('version {0}', version);
}
