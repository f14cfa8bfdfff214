import * as vscode from 'vscode';
import { etcdFlagsOf } from './host/cli/etcdFlags.ts';
import { kustomize } from './host/kustomize.ts';
import { SimSource } from './host/simSource.ts';
import { ClusterControl } from './ui/cluster/clusterControl.ts';
import { ClusterTree } from './ui/cluster/clusterTree.ts';
import { registerTerminal } from './ui/cluster/terminal.ts';
import { simOptions } from './ui/configuration.ts';
import { commands } from './ui/contributions.ts';
import { Diagnostics } from './ui/dryRun/diagnostics.ts';
import { DryRunCommands } from './ui/dryRun/dryRunCommands.ts';
import { Explanations } from './ui/dryRun/explanations.ts';
import { Folders } from './ui/dryRun/folders.ts';
import { Hovers } from './ui/dryRun/hovers.ts';
import { Lenses } from './ui/dryRun/lenses.ts';
import { QuickFixes } from './ui/dryRun/quickFixes.ts';
import { StagesTree } from './ui/dryRun/stagesTree.ts';
import { Verdicts } from './ui/dryRun/verdicts.ts';
import { EtcdCommands } from './ui/etcd/etcdCommands.ts';
import { EtcdWatch } from './ui/etcd/etcdWatch.ts';
import { HistoryView } from './ui/etcd/historyView.ts';
import { KeyCommands } from './ui/keys/keyCommands.ts';
import { KeyDocuments } from './ui/keys/keyDocuments.ts';
import { KeysTree } from './ui/keys/keysTree.ts';
import { RevisionCursor } from './ui/revisionCursor.ts';
import { Timelines } from './ui/timeline/timelines.ts';
import { TracesTree } from './ui/traces/tracesTree.ts';
import type { ClusterSource } from './source/port.ts';

/** What other extensions, and our tests, may drive. */
export interface ExtensionApi {
  readonly source: ClusterSource;
  readonly verdicts: Verdicts;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = own(
    vscode.window.createOutputChannel(vscode.l10n.t('Kubernetes Internals'), { log: true }),
  );
  const worker = vscode.Uri.joinPath(context.extensionUri, 'dist', 'worker.cjs').fsPath;
  const source = own(
    new SimSource(
      worker,
      () => {
        const { etcdFlags, ...options } = simOptions(context);
        return { ...options, etcd: etcdFlagsOf(etcdFlags) };
      },
      (message) => log.error(message),
      (line) => log.warn(line),
    ),
  );

  const control = own(new ClusterControl(source, log, () => source.reset()));
  const etcd = own(new EtcdWatch(source, (message) => log.error(message)));
  own(new ClusterTree(source, etcd));
  own(registerTerminal(source, control));

  const cursor = own(new RevisionCursor());
  own(new EtcdCommands(source, etcd, cursor));
  const documents = own(new KeyDocuments(source));
  const keys = own(new KeysTree(source, cursor));
  const keyCommands = own(new KeyCommands(source, keys, documents, cursor));

  own(
    new HistoryView(
      context.extensionUri,
      source,
      etcd,
      cursor,
      (key, revision) => void keyCommands.openDiff(key, revision),
      log,
    ),
  );

  own(new TracesTree(source));
  const timelines = own(
    new Timelines(
      context.extensionUri,
      source,
      {
        setRevision: (revision) => cursor.set(revision, 'timeline'),
        openKey: (key, revision) => void keyCommands.open(key, revision),
        openDiff: (key, revision) => void keyCommands.openDiff(key, revision),
      },
      {
        print: (key, text) => documents.render(key, text, true),
        showsSecrets: () => documents.showsSecrets,
      },
      log,
    ),
  );
  own(
    vscode.commands.registerCommand(
      commands.openTimeline,
      ({ root, event }: { root: number; event?: number }) => timelines.open(root, event),
    ),
  );
  own(vscode.commands.registerCommand(commands.newestTimeline, () => timelines.openNewest()));
  own(
    vscode.commands.registerCommand(commands.timelineForward, () => timelines.command('forward')),
  );
  own(vscode.commands.registerCommand(commands.timelineBack, () => timelines.command('back')));

  const verdicts = own(new Verdicts(source, control));
  const stages = own(new StagesTree());
  own(new Lenses(verdicts));
  own(new Diagnostics(verdicts));
  own(new Explanations());
  own(new Hovers(verdicts));
  own(new QuickFixes(verdicts));
  own(new Folders(verdicts, kustomize, log));
  own(
    new DryRunCommands(
      verdicts,
      stages,
      (verdict, event) => timelines.openDryRun(verdict, event),
      log,
    ),
  );
  return { source, verdicts };
}
