import assert from 'node:assert/strict';
import path from 'node:path';
import { findProgram } from '../support/program.ts';
import { canOpenWorkbench, until, Workbench } from '../support/workbench.ts';

const samples = path.join(import.meta.dirname, '../../samples');

/** What the lens says of each sample, and what the Problems view says and where. */
const verdicts: readonly {
  file: string;
  lenses: readonly RegExp[];
  problem?: RegExp;
}[] = [
  {
    file: 'lifecycle-demo.yaml',
    lenses: [/^✓ would be created$/, /^✓ would be created, then: 2 Pods ready$/],
  },
  { file: 'high-cpu-pod.yaml', lenses: [/^✓ would be created, then: 1 Pod ready$/] },
  {
    file: 'broken/1-no-such-namespace.yaml',
    lenses: [/^✗ rejected by NamespaceLifecycle: namespaces "no-such-place" not found$/],
    problem: /^namespaces "no-such-place" not found .*\[Ln 6, Col 14\]$/,
  },
  {
    file: 'broken/2-nobody-schedules.yaml',
    lenses: [/^! would be created, then: 1 Pod Pending: no scheduler goes by the name "a-sched/],
    problem: /^Accepted, but then: 1 Pod Pending: no scheduler .*\[Ln 7, Col 18\]$/,
  },
  {
    file: 'broken/3-image-that-does-not-exist.yaml',
    lenses: [/^! would be created, then: 1 Pod in ImagePullBackOff: Back-off pulling image/],
    problem: /^Accepted, but then: 1 Pod in ImagePullBackOff: .*\[Ln 18, Col 16\]$/,
  },
  {
    file: 'broken/4-no-node-fits.yaml',
    lenses: [/^! would be created, then: 1 Pod Pending: 0\/3 nodes are available: 3 Insuff/],
    problem: /^Accepted, but then: 1 Pod Pending: 0\/3 nodes .*\[Ln 12, Col 14\]$/,
  },
  {
    file: 'broken/5-selector-mismatch.yaml',
    lenses: [/^✗ rejected by validation: spec\.template\.metadata\.labels: Invalid value/],
    problem: /^spec\.template\.metadata\.labels: Invalid value: .*\[Ln 13, Col 7\]$/,
  },
];

describe('in VS Code', function () {
  this.timeout(90_000);
  let workbench: Workbench;
  let isOpen = false;

  before(async function () {
    if (!canOpenWorkbench()) {
      console.log(
        '  skipped: tests in VS Code need Chromium and code-server (apt-get install chromium; npm start installs code-server).',
      );
      this.skip();
    }
    workbench = await Workbench.open({
      folder: samples,
      size: { width: 1500, height: 1700 },
    });
    isOpen = true;
    await workbench.openViews();
  });
  after(async () => {
    if (isOpen) await workbench.close();
  });

  afterEach(async function () {
    const { currentTest } = this;
    if (currentTest?.state === 'failed' && process.env.FAILURES)
      await workbench.screenshot(
        path.join(process.env.FAILURES, `${currentTest.title.replaceAll(/\W+/g, '-')}.png`),
      );
  });

  it('starts the cluster by a command; view and status bar say so', async () => {
    await workbench.command('Start Cluster');
    await workbench.row('Cluster', /node-3\s*Ready/).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: 'Kubernetes: running' }).waitFor();
    await workbench.row('etcd Keys', '/registry/').waitFor();
  });

  it('puts no lens on YAML that is not Kubernetes', async () => {
    await workbench.openFile('README.md');
    assert.deepEqual(await workbench.lenses(), []);
    await workbench.command('View: Close All Editors');
  });

  for (const { file, lenses, problem } of verdicts)
    it(`tells what becomes of ${file}`, async () => {
      await workbench.command('Problems: Focus on Problems View');
      await workbench.openFile(file);
      await until(
        () => workbench.lenses(),
        (found) => found.length === lenses.length,
        'a lens for each document',
      );
      await workbench.page.keyboard.press('Control+Alt+D');
      const found = await until(
        () => workbench.lenses(),
        (texts) => texts.length === 2 * lenses.length,
        'verdicts',
      );
      const said = found.filter((text) => text !== 'Dry-run through API pipeline');
      lenses.forEach((lens, index) => assert.match(said[index] ?? '', lens));
      const problems = await until(
        () => workbench.problems(),
        (rows) => rows.length === (problem ? 2 : 0),
        problem ? 'a problem' : 'no problem',
      );
      if (problem) assert.match(problems[1] ?? '', problem);
      await workbench.command('View: Close All Editors');
    });

  it('shows the stages of a rejection, and opens one in the timeline', async () => {
    await workbench.openFile('5-selector-mismatch.yaml');
    await until(
      () => workbench.lenses(),
      ({ length }) => length === 1,
      'the lens',
    );
    await workbench.page.keyboard.press('Control+Alt+D');
    const stage = (label: string) =>
      workbench.row('Pipeline Stages', '').locator(`[role=treeitem][aria-label^="${label}"]`);
    await stage('Validation: rejected here').waitFor();
    await stage('Storage: not reached').waitFor();
    await stage('Validation: rejected here').click();
    const frame = await workbench.webview('.details h2');
    await frame.locator('.details', { hasText: 'spec.template.metadata.labels' }).waitFor();
    await workbench.command('View: Close All Editors');
  });

  describe('with kubectl in its terminal', () => {
    const kubectl = findProgram('kubectl');

    before(async function () {
      if (kubectl === undefined) {
        console.log('    skipped: the terminal is tested with kubectl, which is not on the PATH.');
        this.skip();
      }
      await workbench.command('Open Terminal for kubectl and etcdctl');
      await workbench.page.locator('.terminal.xterm').waitFor();
      await workbench.terminal('echo $ETCDCTL_ENDPOINTS', /127\.0\.0\.1:\d+/);
      await workbench.terminal(
        `${kubectl} apply -f lifecycle-demo.yaml && ${kubectl} -n controller-demo rollout status deploy/lifecycle-demo`,
        /successfully rolled out/,
      );
      await workbench.terminal(
        `${kubectl} -n controller-demo create secret generic hidden --from-literal=password=opensesame`,
        /secret\/hidden created/,
      );
      await workbench.command('View: Toggle Panel Visibility');
    });

    it('opens a key as YAML, at any revision, and says who wrote it', async () => {
      const { page } = workbench;
      const text = () => page.locator('.editor-instance .view-lines').first().innerText();
      await open(workbench, ['/registry/', 'deployments/', 'controller-demo/', 'lifecycle-demo']);
      await page.locator('.tab', { hasText: 'lifecycle-demo' }).waitFor();
      await until(text, (shown) => /kind:\s+Deployment/.test(shown), 'the Deployment as YAML');
      await page.locator('.tab', { hasText: 'lifecycle-demo' }).click();
      await workbench.command('Previous Revision');
      await page.locator('.tab', { hasText: /lifecycle-demo.*@\d+/ }).waitFor();
      await workbench.command('Who Wrote This');
      const frame = await workbench.webview('.details h2');
      await frame
        .locator('.details h2', { hasText: /etcd writes version \d+ of .*lifecycle-demo/ })
        .waitFor();
      await workbench.command('View: Close All Editors');
    });

    it('compares two revisions', async () => {
      const { page } = workbench;
      await open(workbench, ['lifecycle-demo']);
      await page.locator('.tab', { hasText: 'lifecycle-demo' }).click();
      await workbench.command('Compare with Another Revision');
      await page
        .locator('.quick-input-list .monaco-list-row', { hasText: 'revision' })
        .first()
        .click();
      await page.locator('.diff-editor, .monaco-diff-editor').first().waitFor();
      await workbench.command('View: Close All Editors');
    });

    it('keeps the data of Secrets hidden until it is asked for', async () => {
      const { page } = workbench;
      const text = () => page.locator('.editor-instance .view-lines').first().innerText();
      await open(workbench, ['deployments/', 'secrets/', 'controller-demo/', 'hidden']);
      await until(text, (shown) => shown.includes('(redacted)'), 'redacted data');
      assert.doesNotMatch(await text(), /b3BlbnNlc2FtZQ/);
      await workbench.command('Show or Hide Data of Secrets');
      await until(text, (shown) => shown.includes('b3BlbnNlc2FtZQ'), 'the data');
      await workbench.command('Show or Hide Data of Secrets');
      await workbench.command('View: Close All Editors');
    });

    it('steps through the trace of the apply; the key tree shows each revision', async () => {
      const { page } = workbench;
      await workbench.row('Traces', /create namespaces controller-demo and 1 more/).click();
      const frame = await workbench.webview('.details h2');
      const position = frame.locator('.where .step');
      const sentence = () => frame.locator('.details h2').innerText();
      await until(
        () => position.innerText(),
        (shown) => /^1 \/ \d+/.test(shown),
        'the first step',
      );
      const message = page.locator('.pane .message', { hasText: 'As it was at revision' });
      await message.waitFor();
      const before = await message.innerText();
      await frame.locator('.details h2').click();
      await page.keyboard.press('End');
      await until(
        () => message.innerText(),
        (shown) => shown !== before,
        'the tree at another revision',
      );
      const last = await sentence();
      await page.keyboard.press('ArrowLeft');
      await until(sentence, (shown) => shown !== last, 'the step before');
      const lanes = await frame.locator('.lane-name').allInnerTexts();
      for (const lane of ['kubectl', 'API server', 'etcd', 'deployment', 'replicaset', 'scheduler'])
        assert.ok(
          lanes.some((name) => name.includes(lane)),
          `a lane for ${lane} in ${lanes.join(', ')}`,
        );
      assert.ok(
        lanes.some((name) => /kubelet node-\d/.test(name)),
        'a lane for a kubelet',
      );
      assert.ok((await frame.locator('[role=tree] [role=treeitem]').count()) > 0, 'a tree beside');
      await workbench.command('View: Close All Editors');
      await message.waitFor({ state: 'detached' });
    });
  });

  it('stops the cluster', async () => {
    await workbench.command('Stop Cluster');
    await workbench.page.locator('.statusbar-item', { hasText: 'Kubernetes: stopped' }).waitFor();
  });
});

/** Clicks through the key tree. */
async function open(workbench: Workbench, labels: readonly string[]): Promise<void> {
  for (const label of labels) {
    const row = workbench.row('etcd Keys', new RegExp(`^${label.replaceAll('.', '\\.')}`)).first();
    await row.scrollIntoViewIfNeeded();
    await row.click();
  }
}
