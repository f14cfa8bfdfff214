import { headless } from './headless.ts';
import { parseOptions, UsageError } from './options.ts';
import { openEditor } from './openEditor.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  await (options.headless ? headless(options) : openEditor());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
