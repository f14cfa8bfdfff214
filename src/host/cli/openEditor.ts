import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { startCodeServer } from './codeServer.ts';
import { packageRoot } from './packageRoot.ts';

const root = packageRoot;

/** Opens VS Code with the extension under development and the samples: the desktop one, or code-server in a browser. */
export async function openEditor(): Promise<void> {
  const samples = path.join(root, 'samples');
  const desktop = spawnSync('code', ['--version'], { stdio: 'ignore' });
  if (desktop.status === 0) {
    spawn('code', ['--extensionDevelopmentPath', root, samples], { stdio: 'inherit' });
    return;
  }
  console.log('There is no desktop VS Code (code) on the PATH; this one opens in a browser.');
  const server = await startCodeServer();
  const stop = (): void => {
    server.dispose();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  console.log(`VS Code is ready: ${server.url({ folder: samples, extension: root })}`);
  console.log('Ctrl+C stops it.');
}
