import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { canOpenWorkbench, Workbench } from '../support/workbench.ts';

const root = path.join(import.meta.dirname, '../..');
const vsix = path.join(root, 'dist/kubernetes-internals.vsix');

describe('the package', function () {
  this.timeout(180_000);

  before(function () {
    if (!canOpenWorkbench()) this.skip();
    const made = spawnSync('npm', ['run', 'package'], { cwd: root, encoding: 'utf8' });
    assert.equal(made.status, 0, made.stdout + made.stderr);
  });

  it('is under 3 MB', () => {
    const { size } = fs.statSync(vsix);
    assert.ok(size < 3 * 1024 * 1024, `${(size / 1024 / 1024).toFixed(1)} MB`);
  });

  it('installs into VS Code and starts the cluster', async () => {
    const folder = path.join(root, 'samples');
    const workbench = await Workbench.open({ folder, extension: undefined, vsix });
    try {
      await workbench.openViews();
      await workbench.command('Start Cluster');
      await workbench.row('Cluster', /node-3\s*Ready/).waitFor();
      await workbench.row('etcd Keys', '/registry/').waitFor();
    } finally {
      await workbench.close();
    }
  });
});
