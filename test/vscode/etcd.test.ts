import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from '../support/program.ts';
import { canOpenWorkbench, until, Workbench } from '../support/workbench.ts';

/** etcd of three members in the views. */
describe('etcd in VS Code', function () {
  this.timeout(90_000);
  let workbench: Workbench;
  let isOpen = false;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-etcd-'));

  before(async function () {
    if (!canOpenWorkbench()) this.skip();
    fs.writeFileSync(path.join(folder, 'README.md'), '');
    workbench = await Workbench.open({
      folder,
      size: { width: 1500, height: 1500 },
      settings: {
        'k8sInternals.etcd.members': 3,
        'k8sInternals.etcd.quotaBackendBytes': 1_500_000,
        'k8sInternals.cluster.keepState': false,
      },
    });
    isOpen = true;
    await workbench.openViews();
    for (const view of ['Traces', 'Pipeline Stages'])
      await workbench.page.locator(`.pane-header[aria-label^="${view}"]`).click();
    await workbench.command('Start Cluster');
  });
  after(async () => {
    if (isOpen) await workbench.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    const { currentTest } = this;
    if (currentTest?.state === 'failed' && process.env.FAILURES)
      await workbench.screenshot(
        path.join(process.env.FAILURES, `${currentTest.title.replaceAll(/\W+/g, '-')}.png`),
      );
  });

  /** The members' rows, in one line each. */
  const members = async (): Promise<string[]> => {
    const rows = await workbench.row('Cluster', /^etcd-\d/).allInnerTexts();
    return rows.map((text) => text.replaceAll(/\s+/g, ' ').trim());
  };
  const named = (rows: readonly string[], what: string): string[] =>
    rows.filter((row) => row.includes(what)).map((row) => row.slice(0, 'etcd-1'.length));
  const roles = (leaders: number, followers: number, stopped: number) => (rows: string[]) =>
    named(rows, 'leader').length === leaders &&
    named(rows, 'follower').length === followers &&
    named(rows, 'stopped').length === stopped;

  it('shows its members with their roles', async () => {
    const rows = await until(members, roles(1, 2, 0), 'a leader and two followers');
    for (const row of rows)
      assert.match(row, /^etcd-\d\s*(leader|follower) · term \d+ · [\d.]+ kB$/);
  });

  it('stops the leader; another one leads, and the one that was stopped comes back', async () => {
    const [first = ''] = named(await members(), 'leader');
    const row = workbench.row('Cluster', new RegExp(`^${first}`));
    await row.hover();
    await row.locator('.action-label[aria-label^="Stop etcd Member"]').click();
    const rows = await until(members, roles(1, 1, 1), 'another leader');
    assert.deepEqual(named(rows, 'stopped'), [first]);
    await workbench.row('Cluster', /^etcd\s*3 members · 1 stopped/).waitFor();
    await row.hover();
    await row.locator('.action-label[aria-label^="Start etcd Member"]').click();
    await until(members, roles(1, 2, 0), 'all members');
  });

  it('moves the leader to the member that is asked for', async () => {
    const [second = ''] = named(await members(), 'follower');
    const row = workbench.row('Cluster', new RegExp(`^${second}`));
    await row.hover();
    await row.locator('.action-label[aria-label^="Move etcd Leader Here"]').click();
    await until(members, (rows) => named(rows, 'leader').includes(second), `${second} to lead`);
  });

  it('cuts a leader off by a command, and heals it', async () => {
    const [leader = ''] = named(await members(), 'leader');
    await workbench.command('Cut Off etcd Member');
    await pick(leader);
    await until(
      members,
      (rows) => rows.some((row) => row.includes('leader') && !row.startsWith(leader)),
      'another leader',
    );
    await until(members, (rows) => named(rows, 'cut off').includes(leader), 'its fault');
    await workbench.command('Heal All Faults of etcd');
    await until(members, roles(1, 2, 0), 'a follower again');
  });

  it('slides the key tree back in time, and on to now', async () => {
    const { page } = workbench;
    await workbench.row('etcd Keys', '/registry/').waitFor();
    const count = async (): Promise<number> =>
      Number((await workbench.row('etcd Keys', '/registry/').innerText()).replaceAll(/\D/g, ''));
    const now = await count();
    await workbench.command('All Keys: Travel in Time');
    const frame = await workbench.webview('.slider');
    const slider = frame.locator('.slider');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('PageUp');
    await until(count, (then) => then < now, 'fewer keys');
    const message = page.locator('.pane .message', { hasText: /^As it was at revision \d+\./ });
    await message.waitFor();
    await frame.locator('.told', { hasText: '/registry/' }).waitFor();
    assert.match(await slider.evaluate((it) => it.ariaValueText ?? ''), /^revision \d+ of [\d,]+/);
    const before = await message.innerText();
    await workbench.command('All Keys: Go to Later Revision');
    await until(
      () => message.innerText(),
      (text) => text !== before,
      'the next revision',
    );
    await frame.locator('button.now').click();
    await message.waitFor({ state: 'detached' });
    await until(count, (then) => then >= now, 'the keys of now');
  });

  it('draws the size of the database and its syncs, with words for those who do not see them', async () => {
    const frame = await workbench.webview('.plot');
    const labels = () =>
      frame.locator('.plot').evaluateAll((plots) => plots.map((it) => it.ariaLabel ?? ''));
    const [size = '', syncs = ''] = await until(
      labels,
      (found) => found.length === 2,
      'two charts',
    );
    assert.match(size, /: [\d.]+ kB, [\d.]+ kB in use; lowest .* of 1\.5 MB quota$/);
    assert.match(syncs, /^99th percentile of syncs .* lowest [\d.]+ ms, highest [\d.]+ ms\.$/);
    assert.match((await frame.locator('.bars').first().getAttribute('d')) ?? '', /^M/);
  });

  it('has the history of a key below it: revisions, who wrote them and why', async () => {
    const { page } = workbench;
    const row = (label: string) => workbench.row('etcd Keys', new RegExp(`^${label}`)).first();
    for (const label of ['/registry/', 'minions/']) await row(label).click();
    await row('node-1').locator('.monaco-tl-twistie').click();
    const revisions = workbench.row('etcd Keys', /^revision \d+/);
    await revisions.first().waitFor();
    const texts = await revisions.allInnerTexts();
    assert.ok(texts.length > 1, texts.join('\n'));
    assert.match(texts.join('\n'), /kubelet node-1: \w+ · \d+ s ago/);
    await revisions.last().click();
    await page.locator('.tab', { hasText: /node-1.*@\d+/ }).waitFor();
    await page.locator('.tab', { hasText: /node-1.*@\d+/ }).click();
    await workbench.command('Show History of Key');
    const picks = page.locator('.quick-input-list .monaco-list-row', { hasText: /revision \d+/ });
    await picks.first().waitFor();
    assert.match(await picks.last().innerText(), /created · \d+ s ago/);
    await picks.first().hover();
    await picks.first().locator('.codicon-git-compare').click();
    await page.locator('.monaco-diff-editor').first().waitFor();
    await workbench.command('View: Close All Editors');
  });

  const pick = (label: string): Promise<void> =>
    workbench.page
      .locator('.quick-input-list .monaco-list-row', { hasText: label })
      .first()
      .click();

  async function compact(): Promise<void> {
    await workbench.command('Compact etcd…');
    await pick('The present one');
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.getByText('This cannot be undone').waitFor();
    await dialog.locator('.monaco-button', { hasText: /^Compact$/ }).click();
  }

  it('compacts after a warning: what is older cannot be travelled to', async () => {
    await compact();
    const frame = await workbench.webview('.slider');
    await until(
      async () => Number(await frame.locator('.slider').getAttribute('min')),
      (oldest) => oldest > 1,
      'the compaction',
    );
    await frame.locator('.told', { hasText: 'Older revisions are compacted.' }).waitFor();
  });

  it('lists leases with their keys', async function () {
    const etcdctl = findProgram('etcdctl');
    if (etcdctl === undefined) this.skip();
    await workbench.command('Open Terminal for kubectl and etcdctl');
    await workbench.page.locator('.terminal.xterm').waitFor();
    await workbench.terminal(
      `${etcdctl} put --lease=$(${etcdctl} lease grant 600 | cut -d' ' -f2) /leased value`,
      /OK/,
    );
    await workbench.command('View: Toggle Panel Visibility');
    await workbench.row('Cluster', /^Leases/).click();
    const lease = workbench.row('Cluster', /^[0-9a-f]{8,}\s*5\d\d of 600 s · 1 key/);
    await lease.click();
    await workbench.row('Cluster', /^\/leased/).click();
    await workbench.page.locator('.tab', { hasText: 'leased' }).waitFor();
  });

  it('tells of a full database, and of its cure', async function () {
    const etcdctl = findProgram('etcdctl');
    if (etcdctl === undefined) this.skip();
    await workbench.command('View: Toggle Panel Visibility');
    await workbench.terminal(
      `clear; for i in 1 2 3 4; do head -c 400000 /dev/zero | tr '\\0' x | ${etcdctl} put /big; done`,
      /mvcc: database space exceeded/,
    );
    await workbench.command('View: Toggle Panel Visibility');
    const alarm = workbench.row('Cluster', /^NOSPACE/);
    await alarm.waitFor();
    const frame = await workbench.webview('.plot');
    await frame.locator('.note', { hasText: 'full: writes are refused' }).waitFor();
    await compact();
    for (const member of named(await members(), '')) {
      await workbench.command('Defragment etcd Member');
      await pick(member);
    }
    await alarm.hover();
    await alarm.locator('.action-label[aria-label^="Disarm etcd Alarms"]').click();
    await alarm.waitFor({ state: 'detached' });
    await frame.locator('.note', { hasText: '% of 1.5 MB quota' }).waitFor();
  });
});
