import { StateError } from '../etcd/disk/recover.ts';
import { PortError } from '../portError.ts';
import { dryRunCommand } from './dryRun.ts';
import { headless } from './headless.ts';
import { parseOptions, usage } from './options.ts';
import { openEditor } from './openEditor.ts';
import { UsageError } from './usageError.ts';

void main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  try {
    if (args[0] === 'dry-run') await runDry(args.slice(1));
    else await run(args);
  } catch (error) {
    const isTheirs =
      error instanceof UsageError || error instanceof PortError || error instanceof StateError;
    if (!isTheirs) throw error;
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) console.log(usage);
  else await (options.headless ? headless(options) : openEditor());
}

async function runDry(args: readonly string[]): Promise<void> {
  const { output, notes, code } = await dryRunCommand(args);
  for (const note of notes) console.error(note);
  console.log(output);
  process.exitCode = code;
}
