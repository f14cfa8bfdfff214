import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../../src/base/bytes.ts';
import { millisecond, second } from '../../../../../src/base/time.ts';
import type { WatchedChange } from '../../../../../src/sim/etcd/kv.ts';
import { Alone } from '../../../../../src/sim/etcd/members/alone.ts';
import { Store } from '../../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../../../src/sim/time/random.ts';
import { drain } from '../../../../support/drain.ts';

const spec = { id: 1n, name: 'default', peerUrls: [] };

/** An etcd of one member, and what happened to it, with the milliseconds. */
class Stage {
  readonly loop = new EventLoop(0, drain);
  readonly store = new Store({ clock: this.loop });
  readonly etcd = new Alone(this.store, spec, { clock: this.loop, random: new SeededRandom(1) });
  readonly log: string[] = [];

  slow(ms: number): void {
    assert.ok(this.etcd.disk);
    this.etcd.disk.fault = ms ? { medianUs: ms * millisecond, p99Us: ms * millisecond } : undefined;
  }

  say(what: string): void {
    this.log.push(`${Math.floor(this.loop.now() / millisecond)} ${what}`);
  }

  put(key: string): void {
    Promise.resolve(
      this.etcd.propose({ do: 'put', request: { key, value: encodeUtf8('x') } }, undefined),
    ).then(
      () => this.say(`put ${key}`),
      (error: unknown) => this.say(`put ${key}: ${(error as Error).message}`),
    );
  }

  read(): void {
    void this.etcd
      .range({ key: '\0', rangeEnd: '\0' })
      .then(({ kvs }) => this.say(`read ${kvs.map(({ key }) => key).join('')}`));
  }

  async at(ms: number): Promise<void> {
    await this.loop.runUntil(ms * millisecond);
  }
}

describe('etcd of one member on a slow disk', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });

  it('is done with a write at once as long as the disk is good', () => {
    void stage.etcd.propose(
      { do: 'put', request: { key: 'a', value: encodeUtf8('x') } },
      undefined,
    );
    assert.equal(stage.store.revision, 2);
    assert.equal(stage.etcd.confirm(), undefined);
    assert.equal(stage.etcd.disk?.fsync.count, 1);
  });

  it('acknowledges, shows and delivers a write when it is synced, and syncs what waits together', async () => {
    const keysOf = (changes: readonly WatchedChange[]): string =>
      changes.map(({ kv }) => kv.key).join('');
    stage.etcd.watch(
      { key: '\0', rangeEnd: '\0' },
      {
        changes: (changes) => stage.say(`watch ${keysOf(changes)}`),
        compacted: () => stage.say('compacted'),
      },
    );
    stage.slow(50);
    stage.put('a');
    await stage.at(10);
    stage.put('b');
    stage.put('c');
    stage.read();
    await stage.at(60);
    stage.read();
    await stage.at(130);
    stage.read();
    await stage.at(140);
    const times = stage.log.map((line) => Number(line.split(' ', 1)[0]));
    assert.deepEqual(
      stage.log.map((line) => line.replace(/^\d+ /, '')),
      ['read ', 'put a', 'watch a', 'read a', 'put b', 'put c', 'watch b', 'watch c', 'read abc'],
      stage.log.join(),
    );
    assert.equal(times[0], 10);
    assert.ok((times[1] ?? 0) >= 50 && (times[1] ?? 0) < 60);
    assert.ok((times[4] ?? 0) >= 100 && (times[4] ?? 0) < 120);
  });

  it('counts what is written, safe and applied', async () => {
    const { applied } = stage.etcd.status;
    stage.slow(50);
    stage.put('a');
    const waiting = stage.etcd.status;
    assert.deepEqual(
      [waiting.index - applied, waiting.committed - applied, waiting.applied - applied],
      [1, 0, 0],
    );
    await stage.at(60);
    const done = stage.etcd.status;
    assert.deepEqual([done.index - applied, done.applied - applied], [1, 1]);
  });

  it('neither reads nor applies while the backend is committed', async () => {
    stage.slow(200);
    stage.put('a');
    // Applied at about 200, committed from 300 to 700.
    await stage.at(350);
    stage.put('b');
    stage.read();
    await stage.at(800);
    const [first, ...late] = stage.log;
    assert.match(first ?? '', /^20\d put a$/);
    assert.deepEqual(late.map((line) => line.replace(/^70\d /, '')).sort(), ['put b', 'read ab']);
  });

  it('keeps the order when the disk is good again', async () => {
    stage.slow(50);
    stage.put('a');
    stage.slow(0);
    stage.put('b');
    await stage.at(100);
    stage.put('c');
    await stage.at(101);
    assert.deepEqual(
      stage.log.map((line) => line.replace(/^\d+ /, '')),
      ['put a', 'put b', 'put c'],
    );
    assert.match(stage.log[2] ?? '', /^100 /);
  });

  it("answers in etcd's words when a sync takes longer than a request may, and does it all the same", async () => {
    stage.slow(9000);
    stage.put('a');
    await stage.at(9100);
    assert.deepEqual(stage.log, ['7000 put a: etcdserver: request timed out']);
    assert.equal(stage.store.revision, 2);
  });

  it('ends a lease when that is synced', async () => {
    void stage.etcd.propose({ do: 'grant', lease: 5n, ttl: 2 }, undefined);
    stage.store.putNow({ key: 'a', value: encodeUtf8('x'), lease: 5n }, undefined);
    stage.slow(300);
    await stage.loop.runUntil(2 * second + 200 * millisecond);
    assert.ok(stage.store.leases.has(5n));
    await stage.loop.runUntil(3 * second);
    assert.ok(!stage.store.leases.has(5n));
    await stage.loop.runUntil(10 * second);
    assert.equal(stage.loop.nextDue(), undefined);
  });
});
