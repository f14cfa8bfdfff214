import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { RaftLab } from '../../../../support/etcd/raftLab.ts';

const folder = new URL('./interactions/', import.meta.url);

/**
 * Plays a script: a line that begins with `> ` is a command, `# ` a remark, and what happened stands below its command.
 * UPDATE_GOLDEN=1 writes what happens now.
 */
function play(script: string): string {
  const lab = new RaftLab();
  const lines: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith('> ')) lines.push(line, ...lab.run(line.slice(2)).map((it) => `  ${it}`));
    else if (!line.startsWith('  ')) lines.push(line);
  }
  return lines.join('\n');
}

describe('Raft', () => {
  for (const name of readdirSync(folder).sort()) {
    it(name.replace(/\.txt$/, '').replaceAll('-', ' '), () => {
      const file = new URL(name, folder);
      const script = readFileSync(file, 'utf8');
      const played = play(script);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(file, played);
      else assert.equal(played, script);
    });
  }
});
