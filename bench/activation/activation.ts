/**
 * How long the extension takes to activate, in a real VS Code that is opened for the third time (the first times, VS Code
 * and Node compile): node scripts/build.ts --production && node bench/activation/activation.ts
 */
import path from 'node:path';
import { benchInHost } from '../../test/support/inHost.ts';

await benchInHost(path.join(import.meta.dirname, 'inHost.ts'), () => [{}, {}, {}]);
