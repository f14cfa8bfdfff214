/**
 * How long the extension host is blocked while somebody types in a file of 2,000 lines with the dry-run as one types, in a
 * real VS Code: node scripts/build.ts --production && node bench/typing/typing.ts
 */
import fs from 'node:fs';
import path from 'node:path';
import { benchInHost } from '../../test/support/inHost.ts';

// VS Code's own share, and this machine's, shows without the extension.
await benchInHost(path.join(import.meta.dirname, 'inHost.ts'), (folder) => {
  const none = path.join(folder, 'none');
  fs.mkdirSync(none);
  fs.writeFileSync(
    path.join(none, 'package.json'),
    JSON.stringify({ name: 'none', publisher: 'none', version: '0.0.1', engines: { vscode: '*' } }),
  );
  return [{ extension: none }, {}];
});
