import fs from 'node:fs';
import path from 'node:path';
import type { IDisposable } from '../../../base/disposable.ts';
import { StateError } from './recover.ts';

const held = new Set<string>();

/** Takes a folder for this process; the file of one that was killed does not count. Two at once would write over each other. */
export function lockFolder(folder: string): IDisposable {
  const file = path.join(folder, 'lock');
  const real = fs.realpathSync(folder);
  const owner = ownerIn(file);
  if (held.has(real) || (owner !== undefined && owner !== process.pid && isAlive(owner)))
    throw new StateError(
      `${folder} is used by process ${owner ?? process.pid}. Stop that cluster first; if it is none, remove ${file}.`,
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
