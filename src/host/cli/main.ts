import { PortError } from '../portError.ts';
import { headless } from './headless.ts';
import { parseOptions, usage, UsageError } from './options.ts';
import { openEditor } from './openEditor.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await (options.headless ? headless(options) : openEditor());
} catch (error) {
  if (!(error instanceof UsageError || error instanceof PortError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
