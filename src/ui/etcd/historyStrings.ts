import { env, l10n } from 'vscode';
import type { HistoryStrings } from '../../protocol/etcdHistory.ts';

/** The words of the webview, in the language of the window. */
export const historyStrings = (): HistoryStrings => ({
  language: env.language,
  stopped: l10n.t('The cluster does not run.'),
  loading: l10n.t('Asking etcd…'),
  revisions: l10n.t('Revisions'),
  revision: l10n.t('Revision'),
  revisionOf: l10n.t('of {0}'),
  slider: l10n.t('Revision that the key tree shows'),
  sliderNow: l10n.t('now, revision {0}'),
  sliderAt: l10n.t('revision {0} of {1}'),
  earlier: l10n.t('Earlier revision'),
  later: l10n.t('Later revision'),
  now: l10n.t('Now'),
  toNow: l10n.t('Back to now'),
  live: l10n.t('The key tree shows every write as it comes.'),
  compacted: l10n.t('Older revisions are compacted.'),
  writer: l10n.t('Who wrote this: open the trace'),
  noWriter: l10n.t('Who wrote it is no longer recorded.'),
  change: l10n.t('What this revision changed in {0}'),
  moreKeys: l10n.t('and {0} more'),
  size: l10n.t('Database'),
  sizeNow: l10n.t('{0}, {1} in use'),
  sizeOf: l10n.t('{0} of {1} quota'),
  full: l10n.t('full: writes are refused'),
  inUse: l10n.t('{0} in use'),
  fsync: l10n.t('WAL fsync p99'),
  fsyncAdvice: l10n.t('10 ms: above this, etcd falls behind'),
  fsyncNone: l10n.t('no sync'),
  ago: l10n.t('{0} ago'),
  sizeLabel: l10n.t('Size of the database over time: {0}; lowest {1}, highest {2}.'),
  fsyncLabel: l10n.t(
    '99th percentile of syncs of the log over time: {0}; lowest {1}, highest {2}.',
  ),
  noSamples: l10n.t('Nothing is measured yet.'),
});
