import assert from 'node:assert/strict';
import { atOnce } from '../../../../src/host/etcd/inSlices.ts';
import { boltFile, type Bucket, type Entry } from '../../../../src/host/etcd/boltFile.ts';
import { BoltError, readBolt } from '../../../../src/host/etcd/boltReader.ts';

type Listed = Bucket & { readonly entries: readonly Entry[] };

const bucket = (name: string, count: number, size: number): Listed => ({
  name,
  entries: Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(String(index).padStart(8, '0')),
    value: Buffer.alloc(size, index % 251),
  })),
});

const cases: readonly (readonly [name: string, buckets: readonly Listed[]])[] = [
  ['nothing', []],
  ['an empty bucket', [bucket('a', 0, 0)]],
  ['an entry', [bucket('a', 1, 10)]],
  ['several buckets', [bucket('a', 3, 10), bucket('b', 0, 0), bucket('c', 40, 1000)]],
  ['values larger than pages', [bucket('a', 5, 20_000)]],
  ['branches above branches', [bucket('a', 30_000, 100)]],
];

describe('the reader of bbolt files', () => {
  for (const [name, buckets] of cases)
    it(`reads ${name}`, () => {
      const read = readBolt(atOnce(boltFile(buckets)));
      assert.deepEqual(
        [...read.keys()],
        buckets.map((it) => it.name),
      );
      for (const { name: of, entries } of buckets) {
        const found = read.get(of) ?? [];
        assert.equal(found.length, entries.length);
        for (const [index, { key, value }] of entries.entries()) {
          assert.ok(key.every((byte, at) => byte === found[index]?.key[at]));
          assert.ok(Buffer.from(value).equals(found[index]?.value ?? Buffer.alloc(0)));
        }
      }
    });

  it('takes the other meta page when one is broken', () => {
    for (const page of [0, 4096]) {
      const file = atOnce(boltFile([bucket('a', 3, 10)]));
      file[page + 40] = 99;
      assert.equal(readBolt(file).get('a')?.length, 3);
    }
  });

  const good = atOnce(boltFile([bucket('a', 300, 100)]));
  const page = 4096;
  const broken: readonly (readonly [name: string, change: (file: Buffer) => Buffer, RegExp])[] = [
    ['no database', () => Buffer.from('{"a": 1}'), /^it is not a bbolt database$/],
    ['an empty file', () => Buffer.alloc(0), /^it is not a bbolt database$/],
    [
      'broken meta pages',
      (file) => {
        file[40] = file[page + 40] = 99;
        return file;
      },
      /^it is not a bbolt database$/,
    ],
    ['a cut file', (file) => file.subarray(0, 4 * page), /^page \d+ lies outside of it$/],
    [
      'a page in the place of another',
      (file) => {
        file.writeBigUInt64LE(7n, 3 * page);
        return file;
      },
      /^page 3 is damaged$/,
    ],
    [
      'an element that leads astray',
      (file) => {
        file.writeUInt32LE(0xffff, 3 * page + 16 + 4);
        return file;
      },
      /^an entry leads out of its page$/,
    ],
    [
      'a branch that leads in a circle',
      (file) => {
        const branch = Array.from({ length: file.length / page }, (_, id) => id).find(
          (id) => id > 2 && file.readUInt16LE(id * page + 8) === 1,
        );
        file.writeBigUInt64LE(BigInt(branch ?? 0), (branch ?? 0) * page + 16 + 8);
        return file;
      },
      /^page \d+ is used twice$/,
    ],
  ];
  for (const [name, change, expected] of broken)
    it(`refuses ${name}`, () =>
      assert.throws(
        () => readBolt(change(Buffer.from(good))),
        (error: unknown) => {
          assert.ok(error instanceof BoltError, String(error));
          assert.match(error.message, expected);
          return true;
        },
      ));
});
