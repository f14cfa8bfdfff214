import * as vscode from 'vscode';
import { threadMs } from '../../test/support/threadTime.ts';

// Runs in the extension host.

export async function run(): Promise<void> {
  const extension = vscode.extensions.all.find(({ id }) => id.endsWith('kubernetes-internals'));
  if (!extension) throw new Error('the extension is not there');
  if (extension.isActive) throw new Error('the extension is active before anything asks for it');
  // The extensions that VS Code brings begin in the same thread.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = { wall: performance.now(), ran: threadMs() };
  await extension.activate();
  const wall = performance.now() - before.wall;
  console.log(
    `bench: activated in ${wall.toFixed(1)} ms, ${(threadMs() - before.ran).toFixed(1)} ms of processor time (goal: 50)`,
  );
}
