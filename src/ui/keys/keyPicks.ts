import * as vscode from 'vscode';
import type { ClusterSource, KeyRevision } from '../../source/port.ts';
import type { EventId } from '../../trace/event.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import { age } from '../words.ts';
import { writeIcon, writeWords } from './keyItems.ts';
import type { KeyAddress } from './keyUri.ts';

const searchLimit = 200;

/** Finds keys by a part of them, in all keys, also those that the tree has not loaded. */
export function searchKeys(
  source: ClusterSource,
  cursor: RevisionCursor,
  show: (key: string) => Promise<void>,
): void {
  const pick = vscode.window.createQuickPick();
  pick.placeholder = vscode.l10n.t('Part of a key: a name, a kind, a namespace');
  const { revision } = cursor;
  if (revision !== undefined) pick.title = vscode.l10n.t('Keys as of revision {0}', revision);
  let asked = 0;
  let isAsking = false;
  // One question at a time: whoever types on wants the answer to the last one.
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    pick.busy = true;
    for (let own = -1; own !== asked;) {
      own = asked;
      const { value } = pick;
      const keys = value.length < 2 ? [] : await source.keys.search(value, searchLimit, revision);
      if (own !== asked) continue;
      pick.items = keys.map((label) => ({ label }));
      pick.title =
        keys.length < searchLimit
          ? vscode.l10n.t('{0} keys', keys.length)
          : vscode.l10n.t('The first {0} keys; type more of the key to see others', searchLimit);
    }
    pick.busy = false;
    isAsking = false;
  };
  pick.onDidChangeValue(() => {
    asked++;
    ask().catch(() => pick.hide());
  });
  pick.onDidAccept(() => {
    const [item] = pick.selectedItems;
    pick.hide();
    if (item) void show(item.label);
  });
  pick.onDidHide(() => pick.dispose());
  pick.show();
}

/** What can be done with one revision of a key. */
export interface RevisionActions {
  open(revision: number): Promise<void>;
  /** With the one before it. */
  compare(revision: number): Promise<void>;
  trace(event: EventId): Promise<void>;
}

/** All revisions of a key, as a list to look at and to choose from. */
export function showHistory(
  { key, revision }: KeyAddress,
  history: readonly KeyRevision[],
  actions: RevisionActions,
): void {
  const compare = {
    iconPath: new vscode.ThemeIcon('git-compare'),
    tooltip: vscode.l10n.t('Compare with the revision before'),
  };
  const trace = {
    iconPath: new vscode.ThemeIcon('graph-line'),
    tooltip: vscode.l10n.t('Who wrote this: open the trace'),
  };
  const items = history.map((write) => ({
    label: `$(${writeIcon(write)}) ${vscode.l10n.t('revision {0}', write.revision)}`,
    description: [writeWords(write), age(write.ageUs)].filter(Boolean).join(' · '),
    detail: write.writer || vscode.l10n.t('Who wrote it is no longer recorded.'),
    buttons: write.writer ? [compare, trace] : [compare],
    write,
  }));
  const pick = vscode.window.createQuickPick<(typeof items)[number]>();
  pick.title = key;
  pick.placeholder = vscode.l10n.t('Open a revision, compare it, or see who wrote it');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = items;
  const current = items.find(({ write }) => write.revision <= (revision ?? Infinity));
  if (current) pick.activeItems = [current];
  const leave = (run: () => Promise<void>): void => {
    pick.hide();
    void run();
  };
  pick.onDidAccept(() => {
    const write = pick.selectedItems[0]?.write;
    if (write)
      leave(() =>
        write.type === 'put' ? actions.open(write.revision) : actions.compare(write.revision),
      );
  });
  pick.onDidTriggerItemButton(({ item: { write }, button }) =>
    leave(() =>
      button === compare ? actions.compare(write.revision) : actions.trace(write.writtenBy),
    ),
  );
  pick.onDidHide(() => pick.dispose());
  pick.show();
}
