import * as vscode from 'vscode';

/** A row of the Cluster view. */
export interface Entry {
  /** Unique in the view, and the same as long as the row stands for the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon: vscode.ThemeIcon;
  readonly tooltip?: string | vscode.MarkdownString;
  /** What menus go by. */
  readonly context?: string;
  readonly command?: vscode.Command;
  readonly children?: () => Promise<Entry[]>;
  readonly isOpen?: boolean;
}

export function entryItem(entry: Entry): vscode.TreeItem {
  const item = new vscode.TreeItem(
    entry.label,
    !entry.children
      ? vscode.TreeItemCollapsibleState.None
      : entry.isOpen
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = entry.id;
  item.iconPath = entry.icon;
  if (entry.description !== undefined) item.description = entry.description;
  if (entry.tooltip !== undefined) item.tooltip = entry.tooltip;
  if (entry.context !== undefined) item.contextValue = entry.context;
  if (entry.command) item.command = entry.command;
  item.accessibilityInformation = {
    label: [entry.label, entry.description].filter(Boolean).join(', '),
  };
  return item;
}
