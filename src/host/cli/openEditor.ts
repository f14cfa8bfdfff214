import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

/** Opens VS Code with the extension under development and the samples: the desktop one, or code-server in a browser. */
export async function openEditor(): Promise<void> {
  const samples = path.join(root, 'samples');
  const desktop = spawnSync('code', ['--version'], { stdio: 'ignore' });
  if (desktop.status === 0) {
    spawn('code', ['--extensionDevelopmentPath', root, samples], { stdio: 'inherit' });
    return;
  }
  const server = serverMain();
  const port = await freePort();
  const state = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-code-'));
  const folder = (name: string) => path.join(state, name);
  const child = spawn(
    process.execPath,
    [
      server,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      '--accept-server-license-terms',
      '--enable-smoke-test-driver',
      '--disable-telemetry',
      '--user-data-dir',
      folder('user'),
      '--server-data-dir',
      folder('server'),
      '--extensions-dir',
      folder('extensions'),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const stop = (): void => {
    child.kill();
    fs.rmSync(state, { recursive: true, force: true });
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await reachable(port);
  const payload = JSON.stringify([
    ['extensionDevelopmentPath', `vscode-remote://localhost:${port}${root}`],
  ]);
  console.log(
    `VS Code is ready: http://localhost:${port}/?folder=${samples}&payload=${encodeURIComponent(payload)}`,
  );
  console.log('Ctrl+C stops it.');
}

/** code-server, installed at first need: it is large, and only needed where there is no desktop VS Code. */
function serverMain(): string {
  const home = path.join(root, 'scripts/codeServer');
  const main = path.join(home, 'node_modules/code-server/lib/vscode/out/server-main.js');
  if (!fs.existsSync(main)) {
    console.log(
      'There is no desktop VS Code on the PATH: installing code-server (once, about 600 MB).',
    );
    const result = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], {
      cwd: home,
      stdio: 'inherit',
    });
    if (result.status !== 0)
      throw new Error('code-server could not be installed; see the messages of npm above.');
  }
  return main;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('VS Code did not answer within 30 s.');
}
