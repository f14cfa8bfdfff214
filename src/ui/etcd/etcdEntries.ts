import * as vscode from 'vscode';
import { formatBytes } from '../../base/format.ts';
import type { EtcdLeases, EtcdMember, EtcdStatus } from '../../source/etcd.ts';
import type { ClusterSource } from '../../source/port.ts';
import type { Entry } from '../cluster/entry.ts';
import { commands } from '../contributions.ts';
import { memberDescription, memberIcon, memberName, memberTooltip } from './memberWords.ts';

const leaseLimit = 100;
const memberPrefix = 'etcd member ';

/** etcd in the Cluster view: its alarms, its members, its leases. */
export function etcdEntry(status: EtcdStatus | undefined, source: ClusterSource): Entry {
  const { t } = vscode.l10n;
  if (!status)
    return { id: 'etcd', label: 'etcd', icon: new vscode.ThemeIcon('database'), context: 'etcd' };
  const { members, alarms } = status;
  const running = members.filter(({ role }) => role !== 'stopped');
  const leader = members.find(({ role }) => role === 'leader');
  const words = [
    members.length === 1 ? (members[0]?.endpoint ?? '') : t('{0} members', members.length),
    ...(alarms.length ? [alarms[0]?.alarm ?? ''] : []),
    ...(leader ? [] : [t('no leader')]),
    ...(running.length < members.length ? [t('{0} stopped', members.length - running.length)] : []),
  ];
  const problem =
    !leader || alarms.length ? 'error' : members.every(isWell) ? undefined : 'warning';
  return {
    id: 'etcd',
    label: 'etcd',
    description: words.join(' · '),
    icon: problem
      ? new vscode.ThemeIcon(problem, new vscode.ThemeColor(`list.${problem}Foreground`))
      : new vscode.ThemeIcon('database'),
    tooltip: etcdTooltip(status),
    context: 'etcd',
    isOpen: members.length > 1,
    children: () =>
      Promise.resolve([
        ...alarms.map(({ member, alarm }) => alarmEntry(status, member, alarm)),
        ...members.map((member) => memberEntry(member, status)),
        leasesEntry(source),
      ]),
  };
}

const isWell = ({ health, faults, role }: EtcdMember): boolean =>
  role !== 'stopped' && health.isHealthy && !faults.length;

/** How many of etcd's own things need a person: for the badge. */
export const troubles = ({ members, alarms }: EtcdStatus): number =>
  alarms.length + members.filter(({ health }) => !health.isHealthy).length;

/** The member that a row stands for. */
export const memberOf = (entry: Entry): string | undefined =>
  entry.id.startsWith(memberPrefix) ? entry.id.slice(memberPrefix.length) : undefined;

function memberEntry(member: EtcdMember, status: EtcdStatus): Entry {
  return {
    id: `${memberPrefix}${member.id}`,
    label: memberName(member),
    description: memberDescription(member),
    icon: memberIcon(member),
    tooltip: memberTooltip(member, status),
    context: [
      'etcdMember',
      member.role === 'stopped' ? 'stopped' : 'running',
      member.role,
      status.members.length > 1 ? 'several' : 'only',
    ].join(' '),
  };
}

function etcdTooltip(status: EtcdStatus): vscode.MarkdownString {
  const { t } = vscode.l10n;
  const largest = Math.max(0, ...status.members.map(({ dbSize }) => dbSize));
  const rows = [
    [t('Revision'), status.revision.toLocaleString()],
    [
      t('Compacted'),
      status.compactRevision
        ? t('at revision {0}', status.compactRevision.toLocaleString())
        : t('never'),
    ],
    [t('Database'), t('{0} of {1}', formatBytes(largest), formatBytes(status.quotaBytes))],
    [
      t('Clients'),
      status.members.flatMap(({ endpoint }) => (endpoint ? `\`${endpoint}\`` : [])).join(', '),
    ],
  ];
  return new vscode.MarkdownString(
    `**etcd**\n\n| | |\n|:--|:--|\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}`,
  );
}

function alarmEntry(status: EtcdStatus, member: string, alarm: string): Entry {
  const { t } = vscode.l10n;
  const found = status.members.find(({ id }) => id === member);
  return {
    id: `etcd alarm ${alarm} ${member}`,
    label: alarm,
    description: found ? memberName(found) : member,
    icon: new vscode.ThemeIcon('bell-dot', new vscode.ThemeColor('list.errorForeground')),
    tooltip:
      alarm === 'NOSPACE'
        ? t(
            'The database has reached its quota of {0}. etcd refuses writes until space is free again (compact, then defragment every member) and the alarm is disarmed.',
            formatBytes(status.quotaBytes),
          )
        : t('The members do not have the same data.'),
    context: 'etcdAlarm',
  };
}

function leasesEntry(source: ClusterSource): Entry {
  return {
    id: 'etcd leases',
    label: vscode.l10n.t('Leases'),
    icon: new vscode.ThemeIcon('watch'),
    tooltip: vscode.l10n.t('Keys that are attached to a lease are deleted when it ends.'),
    children: async () => {
      const { leases, total } = await source.etcd.leases(leaseLimit);
      const entries = leases.map(leaseEntry);
      if (!total) entries.push(note('none', vscode.l10n.t('No leases')));
      if (total > leases.length)
        entries.push(note('more', vscode.l10n.t('and {0} more', total - leases.length)));
      return entries;
    },
  };
}

const note = (id: string, label: string): Entry => ({
  id: `etcd leases ${id}`,
  label,
  icon: new vscode.ThemeIcon('dash'),
});

function leaseEntry({ id, ttl, grantedTtl, keys }: EtcdLeases['leases'][number]): Entry {
  const { t } = vscode.l10n;
  const left = Math.max(0, ttl);
  return {
    id: `etcd lease ${id}`,
    label: id,
    description: t(
      '{0} of {1} s · {2}',
      left,
      grantedTtl,
      keys.length === 1 ? t('1 key') : t('{0} keys', keys.length),
    ),
    icon: new vscode.ThemeIcon('watch'),
    tooltip: t(
      'lease {0}: granted for {1} s, ends in {2} s unless it is kept alive',
      id,
      grantedTtl,
      left,
    ),
    ...(keys.length && {
      children: () =>
        Promise.resolve(
          keys.map((key) => ({
            id: `etcd lease ${id} ${key}`,
            label: key,
            icon: new vscode.ThemeIcon('key'),
            command: { command: commands.openKey, title: t('Open'), arguments: [key] },
          })),
        ),
    }),
  };
}
