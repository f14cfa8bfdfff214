import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from './packageRoot.ts';

/** A VS Code in the browser: the server that the npm package code-server brings, on loopback, behind a token. */
export interface CodeServer {
  readonly port: number;
  /** The workbench with the extension of `extension` under development, and `folder` open; with `tests`, it runs them. */
  url(options: { folder: string; extension?: string; tests?: string }): string;
  dispose(): void;
}

const root = packageRoot;
const home = path.join(root, 'scripts/codeServer');
const vscode = path.join(home, 'node_modules/code-server/lib/vscode');
const main = path.join(vscode, 'out/server-main.js');

export const isCodeServerInstalled = (): boolean =>
  fs.existsSync(main) && fs.existsSync(path.join(vscode, 'node_modules'));

/**
 * Installs code-server where it is missing: it is large, and only needed where there is no desktop VS Code. Install
 * scripts are left out: they build what a workbench on loopback does without (Kerberos, password hashes) and need a
 * compiler. The logger is built where there is one; without it the Output view stays empty, all else works.
 */
export function installCodeServer(): void {
  if (isCodeServerInstalled()) return;
  console.log('Installing code-server, a VS Code for the browser (once, about 600 MB) …');
  const quiet = ['--ignore-scripts', '--no-fund', '--no-audit'];
  npm(['ci', ...quiet], home);
  npm(['install', '--omit=dev', ...quiet], vscode);
  spawnSync('npm', ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], {
    cwd: vscode,
    stdio: 'ignore',
  });
}

function npm(args: string[], cwd: string): void {
  const result = spawnSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (result.status !== 0)
    throw new Error('code-server could not be installed; see the messages of npm above.');
}

export interface CodeServerOptions {
  /** More of the server's flags. */
  readonly flags?: readonly string[];
  /** Where user data, server data and extensions live; a temporary folder unless given. */
  readonly state?: string;
  /** A packaged extension to install first. */
  readonly vsix?: string;
}

/** Starts the server and waits until it answers. Fails when it has not within 30 s. */
export async function startCodeServer(options: CodeServerOptions = {}): Promise<CodeServer> {
  installCodeServer();
  const port = await freePort();
  const token = randomBytes(18).toString('base64url');
  const state =
    options.state ?? fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-code-'));
  const folders = ['--user-data-dir', path.join(state, 'user')];
  folders.push('--server-data-dir', path.join(state, 'server'));
  folders.push('--extensions-dir', path.join(state, 'extensions'));
  if (options.vsix !== undefined) install(options.vsix, folders);
  const args = [main, '--host', '127.0.0.1', '--port', String(port), ...folders];
  args.push('--connection-token', token, '--accept-server-license-terms', '--disable-telemetry');
  // What makes a built workbench honour the payload of its address, below.
  args.push('--enable-smoke-test-driver');
  const messages = path.join(state, 'server.log');
  const log = fs.openSync(messages, 'a');
  const child = spawn(process.execPath, [...args, ...(options.flags ?? [])], {
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  const dispose = (): void => {
    child.kill();
    if (options.state === undefined) fs.rmSync(state, { recursive: true, force: true });
  };
  try {
    await reachable(port, child);
  } catch (error) {
    const text = fs.readFileSync(messages, 'utf8').slice(-4000);
    dispose();
    throw new Error(`${(error as Error).message} Its messages:\n${text}`, { cause: error });
  }
  return {
    port,
    dispose,
    url: ({ folder, extension, tests }) => {
      const remote = (file: string) => `vscode-remote://localhost:${port}${file}`;
      const payload = [
        ...(extension === undefined ? [] : [['extensionDevelopmentPath', remote(extension)]]),
        ...(tests === undefined ? [] : [['extensionTestsPath', remote(tests)]]),
      ];
      const query = new URLSearchParams({ tkn: token, folder, payload: JSON.stringify(payload) });
      return `http://localhost:${port}/?${query.toString().replaceAll('+', '%20')}`;
    },
  };
}

function install(vsix: string, folders: readonly string[]): void {
  const result = spawnSync(
    process.execPath,
    [main, '--install-extension', vsix, '--force', '--accept-server-license-terms', ...folders],
    { encoding: 'utf8' },
  );
  if (result.status !== 0 || !/successfully installed/.test(result.stdout))
    throw new Error(`VS Code did not install ${vsix}: ${result.stdout}${result.stderr}`);
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

async function reachable(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`VS Code's server ended with ${child.exitCode}.`);
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('VS Code did not answer within 30 s.');
}
