import * as vscode from 'vscode';
import type { ClusterSource } from '../../source/port.ts';
import { commands, terminalProfile } from '../contributions.ts';
import type { ClusterControl } from './clusterControl.ts';

/** A shell in which kubectl and etcdctl talk to the cluster. Other terminals are left alone. */
export function registerTerminal(
  source: ClusterSource,
  control: ClusterControl,
): vscode.Disposable {
  const options = async (): Promise<vscode.TerminalOptions> => {
    await control.start();
    const { state } = source;
    const env =
      state.phase === 'running'
        ? {
            KUBECONFIG: state.connection.kubeconfig,
            ETCDCTL_ENDPOINTS: state.connection.etcdEndpoint,
            ETCDCTL_API: '3',
          }
        : {};
    return {
      name: vscode.l10n.t('Simulated cluster'),
      iconPath: new vscode.ThemeIcon('terminal'),
      env,
    };
  };
  return vscode.Disposable.from(
    vscode.window.registerTerminalProfileProvider(terminalProfile, {
      provideTerminalProfile: async () => new vscode.TerminalProfile(await options()),
    }),
    vscode.commands.registerCommand(commands.openTerminal, async () =>
      vscode.window.createTerminal(await options()).show(),
    ),
  );
}
