/**
 * 100,000 keys in the tree of a real VS Code: how long the extension host is blocked, and how long the cluster's thread
 * takes to answer: node scripts/build.ts --production && node bench/keys/keys.ts
 */
import path from 'node:path';
import { benchInHost } from '../../test/support/inHost.ts';

process.env['BENCH_KEYS'] = import.meta.dirname;
await benchInHost(path.join(import.meta.dirname, 'inHost.ts'));
