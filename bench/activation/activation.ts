/**
 * How long the extension takes to activate, its code's loading included, in a real VS Code, three times anew: node scripts/build.ts --production && node bench/activation/activation.ts
 */
import path from 'node:path';
import { benchInHost } from '../../test/support/inHost.ts';

await benchInHost(path.join(import.meta.dirname, 'inHost.ts'), () => [{}, {}, {}]);
