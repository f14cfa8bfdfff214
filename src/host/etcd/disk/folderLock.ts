import fs from 'node:fs';
import path from 'node:path';
import type { IDisposable } from '../../../base/disposable.ts';
import { StateError } from './recover.ts';

const held = new Set<string>();

/**
 * Takes a folder for this process: two at once would write over each other. One that is about to end is waited for; one
 * that was killed does not count.
 */
export async function lockFolder(folder: string): Promise<IDisposable> {
  const file = path.join(folder, 'lock');
  const real = fs.realpathSync(folder);
  for (let tries = 0; isTaken(file, real) && tries < 15; tries++)
    await new Promise((resolve) => setTimeout(resolve, 200));
  if (isTaken(file, real))
    throw new StateError(
      `${folder} is used by process ${ownerIn(file) ?? process.pid}. Stop that cluster first; if it is none, remove ${file}.`,
    );
  fs.writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
  held.add(real);
  return {
    dispose: () => {
      held.delete(real);
      fs.rmSync(file, { force: true });
    },
  };
}

function isTaken(file: string, folder: string): boolean {
  const owner = ownerIn(file);
  return held.has(folder) || (owner !== undefined && owner !== process.pid && isAlive(owner));
}

function ownerIn(file: string): number | undefined {
  try {
    return Number(fs.readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined; // nobody's: it is not there
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
