import { encodeUtf8 } from '../../../base/bytes.ts';
import { formatMicroTime, formatTime } from '../../../base/time.ts';
import { uuid } from '../../../base/random.ts';
import { sha256 } from '../../../base/sha256.ts';
import { keyOfText } from '../../etcd/key.ts';
import type { ServerParts } from '../serverParts.ts';
import { bootstrapObjects, type BootstrapObject } from './facts.ts';

/**
 * Writes the objects of a fresh cluster that are not there yet, each by a transaction of its own, so that the first
 * revisions read like those of a real boot.
 */
export async function bootstrap(parts: ServerParts, aggregated: boolean): Promise<void> {
  const { kv, trace } = parts;
  const cause = trace.emit('apiserver', undefined, {
    type: 'lifecycle',
    action: 'started',
    summary: 'The API server starts and writes what a fresh cluster needs.',
  });
  const fill = filler(parts);
  for (const entry of bootstrapObjects()) {
    const key = keyOfText(fill(entry.key));
    const value = encodeUtf8(fill(JSON.stringify(chosen(entry, aggregated))));
    await kv.txn(
      {
        compare: [{ key, target: 'mod', result: 'equal', operand: 0 }],
        success: [{ op: 'put', key, value }],
        failure: [],
      },
      cause,
    );
  }
}

/** As the API server alone writes it; roles may come as controllers leave them. */
const chosen = (entry: BootstrapObject, aggregated: boolean): object =>
  aggregated && entry.key.startsWith('/registry/clusterroles/')
    ? entry.object
    : (entry.alone ?? entry.object);

const hostname = 'control-plane';

/** Models k8s.io/kubernetes pkg/controlplane/apiserver BuildGenericConfig: the same at every start on a machine. */
function identityOf(name: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = '';
  for (const byte of sha256(name).subarray(0, 16)) bits += byte.toString(2).padStart(8, '0');
  return bits.replace(/.{1,5}/g, (five) => letters.charAt(parseInt(five.padEnd(5, '0'), 2)));
}

/** Puts this boot's values in the place of `<uid>`, `<time>` and their like. */
function filler(parts: ServerParts): (text: string) => string {
  const { clock, random, caPem } = parts;
  const identity = identityOf(hostname);
  const now = clock.now();
  const values: Readonly<Record<string, () => string>> = {
    '<uid>': () => uuid(random),
    '<time>': () => formatTime(now),
    '<microtime>': () => formatMicroTime(now),
    '<date>': () => formatTime(now).slice(0, 10),
    '<identity>': () => identity,
    '<hostname>': () => hostname,
    '<certificate>': () => JSON.stringify(caPem).slice(1, -1),
  };
  return (text) => text.replace(/<[a-z]+>/g, (token) => values[token]?.() ?? token);
}
