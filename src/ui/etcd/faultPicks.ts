import * as vscode from 'vscode';
import type { EtcdStatus, Latency } from '../../source/etcd.ts';

const ms = 1000;

/** How slow a disk shall be; undefined: the person left. */
export async function pickDiskLatency(): Promise<Latency | undefined> {
  const { t } = vscode.l10n;
  const title = t('How much longer shall every sync of the disk take?');
  const choices = [
    { label: t('A busy SSD'), medianUs: 2 * ms, p99Us: 10 * ms },
    { label: t('A hard disk'), medianUs: 10 * ms, p99Us: 40 * ms },
    { label: t('A disk over the network'), medianUs: 25 * ms, p99Us: 200 * ms },
    { label: t('A disk that others use up'), medianUs: 100 * ms, p99Us: 800 * ms },
  ].map((it) => ({
    ...it,
    description: t('{0} ms, one of a hundred {1} ms', it.medianUs / ms, it.p99Us / ms),
  }));
  const picked = await vscode.window.showQuickPick<
    vscode.QuickPickItem & { medianUs?: number; p99Us?: number }
  >([...choices, other()], { title });
  if (!picked) return undefined;
  if (picked.medianUs !== undefined && picked.p99Us !== undefined)
    return { medianUs: picked.medianUs, p99Us: picked.p99Us };
  const text = await vscode.window.showInputBox({
    title,
    prompt: t('Milliseconds: most of them, and one of a hundred'),
    value: '10 100',
    validateInput: (value) => {
      const [median, p99] = numbers(value);
      return median !== undefined && p99 !== undefined && median > 0 && p99 >= median
        ? undefined
        : t('Two numbers above 0, the second not below the first: 10 100');
    },
  });
  const [median, p99] = numbers(text ?? '');
  return median === undefined || p99 === undefined
    ? undefined
    : { medianUs: median * ms, p99Us: p99 * ms };
}

/** Microseconds. */
export async function pickLinkDelay(): Promise<number | undefined> {
  const { t } = vscode.l10n;
  const delay = await pickNumber(
    t('How much later shall arrive what it sends and gets?'),
    [
      [2, t('Another zone')],
      [40, t('Another region')],
      [150, t('Another continent')],
      [1000, t('Longer than an election waits')],
    ],
    (value) => t('{0} ms', value),
    t('Milliseconds'),
  );
  return delay === undefined ? undefined : delay * ms;
}

/** Seconds of its clock in a second. */
export function pickClockRate(): Promise<number | undefined> {
  const { t } = vscode.l10n;
  return pickNumber(
    t('How fast shall its clock run?'),
    [
      [0.5, t('Half as fast')],
      [0.9, t('A tenth too slow')],
      [1.1, t('A tenth too fast')],
      [2, t('Twice as fast')],
    ],
    (value) => `×${value}`,
    t('Times the right speed'),
  );
}

/** Where to compact. */
export async function pickRevision(
  { revision, compactRevision }: EtcdStatus,
  shown: number | undefined,
): Promise<number | undefined> {
  const { t } = vscode.l10n;
  const title = t('Forget what was overwritten before which revision?');
  const isPossible = (at: number) => at > compactRevision && at <= revision;
  const choices = [
    { label: t('The present one'), at: revision },
    ...(shown === undefined ? [] : [{ label: t('The one that the key tree shows'), at: shown }]),
    { label: t('Keep the last 1,000 revisions'), at: revision - 1000 },
  ]
    .filter(({ at }) => isPossible(at))
    .map((it) => ({ ...it, description: it.at.toLocaleString() }));
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { at?: number }>(
    [...choices, other()],
    { title },
  );
  if (!picked || picked.at !== undefined) return picked?.at;
  const text = await vscode.window.showInputBox({
    title,
    prompt: t('A revision from {0} to {1}', compactRevision + 1, revision),
    validateInput: (value) =>
      /^\d+$/.test(value) && isPossible(Number(value))
        ? undefined
        : t('A whole number from {0} to {1}', compactRevision + 1, revision),
  });
  return text === undefined ? undefined : Number(text);
}

async function pickNumber(
  title: string,
  choices: readonly (readonly [value: number, label: string])[],
  show: (value: number) => string,
  prompt: string,
): Promise<number | undefined> {
  const items = choices.map(([value, label]) => ({ label, description: show(value), value }));
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { value?: number }>(
    [...items, other()],
    { title },
  );
  if (!picked || picked.value !== undefined) return picked?.value;
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    validateInput: (value) => {
      const [number] = numbers(value);
      return number !== undefined && number > 0 ? undefined : vscode.l10n.t('A number above 0');
    },
  });
  return numbers(text ?? '')[0];
}

const other = () => ({ label: vscode.l10n.t('Other…') });

/** `10 100`, `10, 100 ms` → 10, 100. */
const numbers = (text: string): number[] => (text.match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
