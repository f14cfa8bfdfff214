// Pictures of the running product, for README.md and the walkthrough. They are looked at before they are committed.
//
//     node scripts/screenshots.ts [FOLDER] [THEME]     media/ and Default Dark Modern unless given

import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { findProgram } from '../test/support/program.ts';
import { Workbench } from '../test/support/workbench.ts';

const root = path.join(import.meta.dirname, '..');
const folder = path.resolve(process.argv[2] ?? path.join(root, 'media'));
const theme = process.argv[3] ?? 'Default Dark Modern';
const kubectl = findProgram('kubectl') ?? 'kubectl';
fs.mkdirSync(path.join(folder, 'walkthrough'), { recursive: true });

const workbench = await Workbench.open({
  folder: path.join(root, 'samples'),
  theme,
  size: { width: 1440, height: 900 },
});
const { page } = workbench;
const shot = (name: string, clip?: { x: number; y: number; width: number; height: number }) =>
  page.screenshot({ path: path.join(folder, `${name}.png`), ...(clip && { clip }) });
/** Long enough for what appears with a delay: hovers that fade, lenses that move. */
const settle = () => page.waitForTimeout(900);

try {
  await workbench.openViews();
  await workbench.command('Start Cluster');
  await workbench.row('Cluster', /node-3\s*Ready/).waitFor();
  await page.mouse.move(700, 400);
  await settle();
  await shot('walkthrough/cluster', { x: 0, y: 30, width: 720, height: 450 });

  await workbench.openFile('5-selector-mismatch.yaml');
  await page.locator('.codelens-decoration a').first().waitFor();
  await page.keyboard.press('Control+Alt+D');
  await page.locator('.codelens-decoration', { hasText: '✗' }).waitFor();
  await workbench.command('Problems: Focus on Problems View');
  await settle();
  await shot('verdict');
  await shot('walkthrough/dryrun', { x: 356, y: 30, width: 720, height: 450 });
  await workbench.command('View: Close All Editors');

  await workbench.openFile('lifecycle-demo.yaml');
  await workbench.command('Open Terminal for kubectl and etcdctl');
  await page.locator('.terminal.xterm').waitFor();
  await workbench.terminal(
    `PS1='$ '; PATH=${path.dirname(kubectl)}:$PATH; clear; kubectl apply -f lifecycle-demo.yaml; kubectl -n controller-demo rollout status deploy/lifecycle-demo`,
    /successfully rolled out/,
  );
  await workbench.command('View: Toggle Panel Visibility');
  await workbench.row('Traces', /create namespaces/).click();
  const frame = await workbench.webview('.details h2');
  await frame.locator('.details h2').click();
  await settle();
  await workbench.command('View: Toggle Maximize Editor Group');
  await frame.locator('.details h2').click();
  for (let step = 0; step < 600; step++) {
    if (/The Pod is Running/.test(await frame.locator('[aria-live]').innerText())) break;
    await page.keyboard.press('ArrowRight');
  }
  for (let times = 0; times < 3; times++) await page.keyboard.press('-');
  await settle();
  await shot('timeline');
  await shot('walkthrough/timeline', { x: 356, y: 30, width: 720, height: 450 });
  await workbench.command('View: Close All Editors');

  for (const label of ['/registry/', 'deployments/', 'controller-demo/', 'lifecycle-demo'])
    await workbench
      .row('etcd Keys', new RegExp(`^${label}`))
      .first()
      .click();
  await page.locator('.tab', { hasText: 'lifecycle-demo' }).click();
  await workbench.command('Compare with Another Revision');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'revision' }).first().click();
  await page.locator('.monaco-diff-editor').first().waitFor();
  await settle();
  await shot('keys');
} finally {
  await workbench.close();
}
await etcd();

/** Three members, one with a slow disk, seen from an older revision. */
async function etcd(): Promise<void> {
  const several = await Workbench.open({
    folder: path.join(root, 'samples'),
    theme,
    size: { width: 1440, height: 1080 },
    settings: {
      'k8sInternals.etcd.members': 3,
      'k8sInternals.cluster.keepState': false,
      'k8sInternals.cluster.speed': '10',
    },
  });
  try {
    const { page: its } = several;
    await several.openViews();
    const bar = await its.locator('.part.sidebar').boundingBox();
    if (bar) await drag(its, bar.x + bar.width, 500, bar.x + 440, 500);
    await several.command('Start Cluster');
    await several.row('Cluster', /leader/).waitFor();
    for (const view of ['Pipeline Stages', 'Traces'])
      await its.locator(`.pane-header[aria-label^="${view}"]`).click();
    await several.command('All Keys: Travel in Time');
    const frame = await several.webview('.slider');
    const header = await its.locator('.pane-header', { hasText: 'etcd over Time' }).boundingBox();
    if (header) await drag(its, header.x + 80, header.y, header.x + 80, header.y - 190);
    await several.command('Open Terminal for kubectl and etcdctl');
    await its.locator('.terminal.xterm').waitFor();
    await several.terminal(
      `PS1='$ '; PATH=${path.dirname(kubectl)}:$PATH; clear; kubectl apply -f lifecycle-demo.yaml; kubectl -n controller-demo rollout status deploy/lifecycle-demo`,
      /successfully rolled out/,
    );
    await several.command('Slow Disk of etcd Member…');
    for (const choice of ['etcd-3', 'A disk over the network'])
      await its.locator('.quick-input-list .monaco-list-row', { hasText: choice }).first().click();
    await several.terminal(
      `clear; for i in 1 2 3 4; do kubectl -n controller-demo scale deploy/lifecycle-demo --replicas=$i; sleep 3; done; echo do''ne`,
      /done/,
      60_000,
    );
    await several.command('View: Toggle Panel Visibility');
    for (const label of ['/registry/', 'deployments/', 'controller-demo/'])
      await several
        .row('etcd Keys', new RegExp(`^${label}`))
        .first()
        .click();
    await frame.locator('.slider').focus();
    for (let step = 0; step < 12; step++) await its.keyboard.press('ArrowLeft');
    await its.waitForTimeout(800);
    const key = several.row('etcd Keys', /^lifecycle-demo/).first();
    await key.click();
    await key.locator('.monaco-tl-twistie').click();
    await its.locator('.tab', { hasText: 'lifecycle-demo' }).waitFor();
    await its.waitForTimeout(1500);
    await its.screenshot({ path: path.join(folder, 'etcd.png') });
  } finally {
    await several.close();
  }
}

async function drag(its: Page, x: number, y: number, toX: number, toY: number): Promise<void> {
  await its.mouse.move(x, y);
  await its.mouse.down();
  await its.mouse.move(toX, toY, { steps: 5 });
  await its.mouse.up();
}
