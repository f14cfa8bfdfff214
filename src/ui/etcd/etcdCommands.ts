import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { EtcdAction, EtcdFault, EtcdMember, EtcdStatus } from '../../source/etcd.ts';
import type { ClusterSource } from '../../source/port.ts';
import type { Entry } from '../cluster/entry.ts';
import { commands, settings } from '../contributions.ts';
import type { RevisionCursor } from '../revisionCursor.ts';
import { memberOf } from './etcdEntries.ts';
import type { EtcdWatch } from './etcdWatch.ts';
import { pickClockRate, pickDiskLatency, pickLinkDelay, pickRevision } from './faultPicks.ts';
import { memberDescription, memberIcon, memberName } from './memberWords.ts';

/** Which members a command is for, and what to say when there is none. */
interface Choice {
  readonly title: string;
  readonly isFor: (member: EtcdMember, status: EtcdStatus) => boolean;
  readonly otherwise: string;
  /** Whether it takes more than one member. */
  readonly needsSeveral?: true;
}

/** What those do who keep etcd running, and those who break it on purpose. */
export class EtcdCommands extends Disposable {
  readonly #source: ClusterSource;
  readonly #watch: EtcdWatch;
  readonly #cursor: RevisionCursor;

  constructor(source: ClusterSource, watch: EtcdWatch, cursor: RevisionCursor) {
    super();
    this.#source = source;
    this.#watch = watch;
    this.#cursor = cursor;
    const { t } = vscode.l10n;
    const on = (command: string, run: (from?: Entry) => Promise<void>) =>
      this._register(vscode.commands.registerCommand(command, run));
    const isRunning = ({ role }: EtcdMember) => role !== 'stopped';

    on(commands.stopMember, async (from) => {
      const member = await this.#member(from, {
        title: t('Stop which member?'),
        isFor: isRunning,
        otherwise: t('All members are stopped.'),
        needsSeveral: true,
      });
      if (member) await this.#act({ do: 'stop', member: member.id });
    });
    on(commands.startMember, async (from) => {
      const member = await this.#member(from, {
        title: t('Start which member?'),
        isFor: (it) => !isRunning(it),
        otherwise: t('All members run.'),
      });
      if (member) await this.#act({ do: 'start', member: member.id });
    });
    on(commands.moveLeader, async (from) => {
      const member = await this.#member(from, {
        title: t('Which member shall lead?'),
        isFor: ({ role }) => role === 'follower',
        otherwise: t('No follower runs that could lead.'),
        needsSeveral: true,
      });
      if (member) await this.#act({ do: 'moveLeader', to: member.id });
    });
    on(commands.slowDisk, (from) =>
      this.#fail(from, t('Whose disk shall be slow?'), async () => {
        const latency = await pickDiskLatency();
        return latency && { fault: 'slowDisk', latency };
      }),
    );
    on(commands.cutOff, (from) =>
      this.#fail(
        from,
        t('Which member shall be cut off from the others?'),
        () => Promise.resolve({ fault: 'cutOff' }),
        true,
      ),
    );
    on(commands.slowLinks, (from) =>
      this.#fail(
        from,
        t('Whose network shall be slow?'),
        async () => {
          const delayUs = await pickLinkDelay();
          return delayUs === undefined ? undefined : { fault: 'slowLinks', delayUs };
        },
        true,
      ),
    );
    on(commands.clockSkew, (from) =>
      this.#fail(
        from,
        t('Whose clock shall be wrong?'),
        async () => {
          const rate = await pickClockRate();
          return rate === undefined ? undefined : { fault: 'clockSkew', rate };
        },
        true,
      ),
    );
    on(commands.healFaults, () => this.#act({ do: 'heal' }));
    on(commands.compact, () => this.#compact());
    on(commands.defragment, async (from) => {
      const member = await this.#member(from, {
        title: t('Defragment which member?'),
        isFor: isRunning,
        otherwise: t('No member runs.'),
      });
      if (member) await this.#act({ do: 'defragment', member: member.id });
    });
    on(commands.disarm, () => this.#act({ do: 'disarm' }));
  }

  async #fail(
    from: Entry | undefined,
    title: string,
    ask: () => Promise<EtcdFault | undefined>,
    needsSeveral?: true,
  ): Promise<void> {
    const member = await this.#member(from, {
      title,
      isFor: () => true,
      otherwise: vscode.l10n.t('etcd has no members.'),
      ...(needsSeveral && { needsSeveral }),
    });
    const fault = member && (await ask());
    if (fault) await this.#act({ do: 'fail', member: member.id, fault });
  }

  /** The member of the row that the command was called on; else one that is picked. */
  async #member(from: Entry | undefined, choice: Choice): Promise<EtcdMember | undefined> {
    const status = await this.#watch.ask();
    if (!status) return undefined;
    if (choice.needsSeveral && status.members.length < 2) {
      await this.#needsSeveral();
      return undefined;
    }
    const id = from && memberOf(from);
    const possible = status.members.filter((member) => choice.isFor(member, status));
    const named = possible.find((member) => member.id === id);
    if (named) return named;
    if (!possible.length) {
      void vscode.window.showInformationMessage(choice.otherwise);
      return undefined;
    }
    if (possible.length === 1 && status.members.length === 1) return possible[0];
    const picked = await vscode.window.showQuickPick(
      possible.map((member) => ({
        label: memberName(member),
        description: memberDescription(member),
        iconPath: memberIcon(member),
        member,
      })),
      { title: choice.title },
    );
    return picked?.member;
  }

  async #needsSeveral(): Promise<void> {
    const open = vscode.l10n.t('Open Setting');
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'etcd has one member, and this takes several. Set the number of members, then reset the cluster.',
      ),
      open,
    );
    if (choice === open)
      await vscode.commands.executeCommand('workbench.action.openSettings', settings.etcdMembers);
  }

  async #compact(): Promise<void> {
    const status = await this.#watch.ask();
    if (!status) return;
    const revision = await pickRevision(status, this.#cursor.revision);
    if (revision === undefined) return;
    const compact = vscode.l10n.t('Compact');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('Compact etcd at revision {0}?', revision.toLocaleString()),
      {
        modal: true,
        detail: vscode.l10n.t(
          'What was overwritten or deleted before it is lost: it can be neither read nor watched any more. This cannot be undone.',
        ),
      },
      compact,
    );
    if (choice === compact) await this.#act({ do: 'compact', revision });
  }

  async #act(action: EtcdAction): Promise<void> {
    try {
      await this.#source.etcd.act(action);
    } catch (error) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('etcd: {0}', error instanceof Error ? error.message : String(error)),
      );
    }
    await this.#watch.ask();
  }
}
