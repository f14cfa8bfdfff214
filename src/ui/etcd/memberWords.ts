import * as vscode from 'vscode';
import { formatBytes, formatSeconds } from '../../base/format.ts';
import type { EtcdFault, EtcdMember, EtcdStatus } from '../../source/etcd.ts';
import { quantile } from './quantile.ts';

export const memberName = ({ name, id }: EtcdMember): string => name || id;

const roles: Readonly<Record<EtcdMember['role'], () => string>> = {
  leader: () => vscode.l10n.t('leader'),
  follower: () => vscode.l10n.t('follower'),
  candidate: () => vscode.l10n.t('candidate'),
  learner: () => vscode.l10n.t('learner'),
  stopped: () => vscode.l10n.t('stopped'),
};

/** Beside its name: its role, and what is out of the ordinary. */
export function memberDescription(member: EtcdMember): string {
  const { role, term, lag, dbSize, faults, health } = member;
  if (role === 'stopped') return roles.stopped();
  return [
    roles[role](),
    ...faults.map(faultWords),
    ...(health.isHealthy ? [] : [vscode.l10n.t('unhealthy')]),
    ...(lag > 0 ? [vscode.l10n.t('{0} behind', lag.toLocaleString())] : []),
    vscode.l10n.t('term {0}', term),
    formatBytes(dbSize),
  ].join(' · ');
}

export function faultWords(fault: EtcdFault): string {
  switch (fault.fault) {
    case 'slowDisk':
      return vscode.l10n.t('disk +{0}', formatSeconds(fault.latency.medianUs / 1e6));
    case 'slowLinks':
      return vscode.l10n.t('links +{0}', formatSeconds(fault.delayUs / 1e6));
    case 'clockSkew':
      return vscode.l10n.t('clock ×{0}', fault.rate);
    case 'cutOff':
      return vscode.l10n.t('cut off');
  }
}

/** The shape is the role, the colour the health. */
export function memberIcon({ role, health, faults }: EtcdMember): vscode.ThemeIcon {
  const shapes = {
    leader: 'star-full',
    follower: 'circle-filled',
    candidate: 'question',
    learner: 'mortar-board',
    stopped: 'circle-slash',
  } as const;
  const color =
    role === 'stopped'
      ? 'disabledForeground'
      : !health.isHealthy
        ? 'list.errorForeground'
        : faults.length
          ? 'list.warningForeground'
          : 'testing.iconPassed';
  return new vscode.ThemeIcon(shapes[role], new vscode.ThemeColor(color));
}

/** All that is known of a member. */
export function memberTooltip(member: EtcdMember, status: EtcdStatus): vscode.MarkdownString {
  const { t } = vscode.l10n;
  const leader = status.members.find(({ id }) => id === member.leader);
  const fsync = quantile(0.99, member.fsync);
  const commit = quantile(0.99, member.backendCommit);
  const health = member.health.isHealthy
    ? t('healthy')
    : t('unhealthy: {0}', member.health.reason ?? '');
  const rows: [string, string][] = [
    [t('Role'), roles[member.role]()],
    ...(member.role === 'stopped' ? [] : [[t('Health'), health] as [string, string]]),
    [t('Term'), String(member.term)],
    [t('Leader'), leader ? memberName(leader) : t('none that it knows of')],
    [t('Applied'), `${member.applied.toLocaleString()} / ${member.committed.toLocaleString()}`],
    [
      t('Database'),
      t('{0}, {1} in use', formatBytes(member.dbSize), formatBytes(member.dbSizeInUse)),
    ],
    ...(fsync === undefined
      ? []
      : [[t('WAL fsync p99 since it started'), formatSeconds(fsync)] as [string, string]]),
    ...(commit === undefined
      ? []
      : [[t('Backend commit p99 since it started'), formatSeconds(commit)] as [string, string]]),
    ...(member.faults.length
      ? [[t('Faults'), member.faults.map(faultWords).join(', ')] as [string, string]]
      : []),
    [t('Clients'), member.endpoint ? `\`${member.endpoint}\`` : t('not started')],
    [t('Peers'), `\`${member.peerUrl}\``],
    [t('Id'), `\`${member.id}\``],
  ];
  const text = new vscode.MarkdownString(`**${memberName(member)}**\n\n| | |\n|:--|:--|\n`);
  for (const [name, value] of rows)
    text.appendMarkdown(`| ${name} | ${value.replaceAll('|', '\\|')} |\n`);
  return text;
}
