// npm start: builds what an editor needs, and runs the command line in this same process, so that the signals that npm
// passes on reach it. The cluster alone runs from the sources; of dist it needs the descriptions of kubectl explain only.
import { ensureDescriptions } from './descriptions.ts';

const args = process.argv.slice(2);
if (args.includes('--headless')) ensureDescriptions();
else if (!args.includes('--help')) await import('./build.ts');
await import('../src/host/cli/main.ts');
