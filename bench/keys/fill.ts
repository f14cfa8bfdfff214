/** Writes keys in transactions of a hundred: node fill.ts ENDPOINT FLAT NESTED */
import { Etcd3 } from 'etcd3';

const [endpoint = '', flat = '70000', nested = '30000'] = process.argv.slice(2);
const keys = [
  ...Array.from(
    { length: Number(flat) },
    (_, i) => `/bench/flat/key-${String(i).padStart(6, '0')}`,
  ),
  ...Array.from({ length: Number(nested) }, (_, i) => `/bench/nested/ns-${i % 300}/object-${i}`),
];
const value = JSON.stringify({ kind: 'ConfigMap', data: { text: 'v'.repeat(300) } });
const client = new Etcd3({ hosts: endpoint });
let next = 0;
await Promise.all(
  Array.from({ length: 4 }, async () => {
    while (next < keys.length) {
      const some = keys.slice(next, (next += 100));
      await client
        .if('none', 'Version', '<', 1_000_000)
        .then(...some.map((key) => client.put(key).value(value)))
        .commit();
    }
  }),
);
client.close();
