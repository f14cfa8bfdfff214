// npm start: builds what an editor needs, and runs the command line in this same process. The cluster alone runs from
// the sources; of dist it needs the descriptions of kubectl explain only.
import { ensureDescriptions } from './descriptions.ts';

const args = process.argv.slice(2);
if (args.includes('--headless')) ensureDescriptions();
else if (!args.includes('--help')) await import('./build.ts');
endWithNpm();
await import('../src/host/cli/main.ts');

/** npm passes signals on to a shell, which does not: when that is gone, this process is to end as well. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] !== 'start') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 200).unref();
}
