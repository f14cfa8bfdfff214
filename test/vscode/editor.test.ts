import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { bundleForHost } from '../support/inHost.ts';
import { canOpenWorkbench, Workbench } from '../support/workbench.ts';

/** In the desktop VS Code that $VSCODE names, else in code-server. */
describe('in the extension host of VS Code', function () {
  this.timeout(240_000);

  it('problems stand on their place, quick fixes make manifests acceptable', async function () {
    const desktop = process.env.VSCODE;
    if (!desktop && !canOpenWorkbench()) this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-host-'));
    try {
      const tests = await bundleForHost(path.join(import.meta.dirname, 'inHost/run.ts'), folder);
      if (desktop) {
        await runTests({
          vscodeExecutablePath: desktop,
          extensionDevelopmentPath: path.join(import.meta.dirname, '../..'),
          extensionTestsPath: tests,
          launchArgs: [folder, '--disable-workspace-trust', '--disable-extensions'],
        });
        return;
      }
      const { code, log } = await Workbench.runInHost({ folder, tests });
      assert.equal(code, 0, log.join('\n'));
      console.log(`    ${log.find((line) => line.includes('in the host:')) ?? ''}`);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
