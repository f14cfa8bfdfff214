import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { ClusterSource, ClusterState } from '../../source/port.ts';
import { commands, contextKeys, views } from '../contributions.ts';

/** Starting and stopping, and the one status bar item that tells how it stands. */
export class ClusterControl extends Disposable {
  readonly #source: ClusterSource;
  readonly #log: vscode.LogOutputChannel;
  readonly #forget: () => Promise<void>;
  readonly #status: vscode.StatusBarItem;

  /** @param forget stops the cluster and removes what is kept of it */
  constructor(source: ClusterSource, log: vscode.LogOutputChannel, forget: () => Promise<void>) {
    super();
    this.#source = source;
    this.#log = log;
    this.#forget = forget;
    this.#status = this._register(
      vscode.window.createStatusBarItem('k8sInternals.status', vscode.StatusBarAlignment.Left, 10),
    );
    this.#status.name = vscode.l10n.t('Kubernetes cluster');
    this._register(source.onDidChangeState((state) => this.#show(state)));
    this._register(source.clock.onDidChange(() => this.#showClock()));
    this._register(vscode.commands.registerCommand(commands.start, () => this.start()));
    this._register(vscode.commands.registerCommand(commands.stop, () => this.#source.stop()));
    this._register(vscode.commands.registerCommand(commands.reset, () => this.#reset()));
    this._register(
      vscode.commands.registerCommand(commands.pause, () => this.#source.clock.pause()),
    );
    this._register(
      vscode.commands.registerCommand(commands.resume, () => this.#source.clock.resume()),
    );
    this._register(
      vscode.commands.registerCommand(commands.stepTimer, () => this.#source.clock.step(1)),
    );
    this._register(
      vscode.commands.registerCommand(commands.copyKubeconfig, () => this.#copyKubeconfig()),
    );
    this._register(vscode.commands.registerCommand(commands.showLog, () => this.#log.show()));
    this.#show(source.state);
  }

  /** Starts the cluster if it is not running; resolves when it serves. */
  async start(): Promise<void> {
    if (this.#source.state.phase === 'running') return;
    await vscode.window.withProgress({ location: { viewId: views.cluster } }, async () => {
      try {
        const connection = await this.#source.start();
        this.#log.info(
          `The simulated cluster serves at ${connection.apiServer}, etcd at ${connection.etcdEndpoint}.`,
        );
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#log.error(message);
        const showLog = vscode.l10n.t('Show log');
        const choice = await vscode.window.showErrorMessage(
          vscode.l10n.t('The cluster could not be started: {0}', message),
          showLog,
        );
        if (choice === showLog) this.#log.show();
      }
    });
  }

  async #reset(): Promise<void> {
    const wasRunning = this.#source.state.phase === 'running';
    const reset = vscode.l10n.t('Reset Cluster');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('Reset the cluster of this workspace?'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'All objects and all keys in its etcd are deleted, with their history. This cannot be undone.',
        ),
      },
      reset,
    );
    if (choice !== reset) return;
    await this.#forget();
    if (wasRunning) await this.start();
  }

  async #copyKubeconfig(): Promise<void> {
    const { state } = this.#source;
    if (state.phase !== 'running') return;
    await vscode.env.clipboard.writeText(state.connection.kubeconfig);
    vscode.window.setStatusBarMessage(
      vscode.l10n.t('The path of the kubeconfig is in the clipboard.'),
      4000,
    );
  }

  #show(state: ClusterState): void {
    void vscode.commands.executeCommand('setContext', contextKeys.state, state.phase);
    this.#status.backgroundColor = undefined;
    this.#status.command = commands.start;
    switch (state.phase) {
      case 'stopped':
        this.#status.text = `$(debug-start) ${vscode.l10n.t('Kubernetes: stopped')}`;
        this.#status.tooltip = vscode.l10n.t('Start the simulated cluster');
        break;
      case 'starting':
        this.#status.text = `$(loading~spin) ${vscode.l10n.t('Kubernetes: starting')}`;
        break;
      case 'running':
        this.#showClock();
        this.#status.command = `${views.cluster}.focus`;
        this.#status.tooltip = vscode.l10n.t(
          'Simulated cluster, {0} nodes, at {1}',
          state.connection.nodes,
          state.connection.apiServer,
        );
        break;
      case 'stopping':
        this.#status.text = `$(loading~spin) ${vscode.l10n.t('Kubernetes: stopping')}`;
        break;
      case 'failed':
        this.#status.text = `$(error) ${vscode.l10n.t('Kubernetes: failed')}`;
        this.#status.tooltip = state.message;
        this.#status.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
        break;
    }
    this.#status.show();
  }

  #showClock(): void {
    const { paused, speed } = this.#source.clock;
    void vscode.commands.executeCommand('setContext', contextKeys.paused, paused);
    if (this.#source.state.phase !== 'running') return;
    const pace = paused
      ? vscode.l10n.t('paused')
      : speed === 'real'
        ? vscode.l10n.t('running')
        : speed === 'max'
          ? vscode.l10n.t('fast')
          : `×${speed}`;
    this.#status.text = `${paused ? '$(debug-pause)' : '$(vm-running)'} ${vscode.l10n.t('Kubernetes: {0}', pace)}`;
  }
}
