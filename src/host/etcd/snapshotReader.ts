import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { decodeUtf8 } from '../../base/bytes.ts';
import type { Micros } from '../../base/time.ts';
import type { AuthContents } from '../../sim/etcd/auth/authStore.ts';
import type { MemberInfo } from '../../sim/etcd/members/command.ts';
import type { MemberId } from '../../sim/etcd/raft/message.ts';
import { keyOfBytes } from '../../sim/etcd/key.ts';
import type { Contents } from '../../sim/etcd/state/contents.ts';
import type { JournalEntry } from '../../sim/etcd/state/journal.ts';
import type { Entry } from './boltFile.ts';
import { BoltError, readBolt } from './boltReader.ts';
import { AlarmMemberSchema, AlarmType, KeyValueSchema, StoredLeaseSchema } from './gen/etcd_pb.js';
import { simulationBucket } from './snapshot.ts';

/** A snapshot cannot be read; the message is a clause about the file. */
export class SnapshotError extends Error {}

export interface ReadSnapshot {
  readonly contents: Contents;
  /** What is still to be done to it: a compaction that was begun. */
  readonly entries: readonly JournalEntry[];
  /** The virtual time at which we wrote it; undefined when it is of a real etcd. */
  readonly time: Micros | undefined;
  /** Of whose, and how far its log was; a database that etcd never had is nobody's. */
  readonly members: readonly MemberInfo[];
  readonly removed: readonly MemberId[];
  readonly index: number;
  readonly term: number;
  /** The log of the member that we wrote it for. */
  readonly log: Uint8Array | undefined;
  /** What of it is left out or not certain, as sentences. */
  readonly notes: readonly string[];
}

const hashSize = 32;
const sectorSize = 512;

/**
 * What a snapshot of etcd 3.6 holds: of ours and of a real one, from `etcdctl snapshot save`, or the database of a member.
 * Models go.etcd.io/etcd/etcdutl/v3/snapshot and server/v3/storage/schema.
 */
export function readSnapshot(file: Uint8Array): ReadSnapshot {
  const notes: string[] = [];
  const buckets = bucketsIn(databaseIn(file, notes));
  const keys = buckets.get('key');
  if (!keys) throw new SnapshotError('it is a bbolt database, but not one of etcd');
  const meta = new Map(
    (buckets.get('meta') ?? []).map(({ key, value }) => [decodeUtf8(key), value]),
  );
  const ours = new Map(
    (buckets.get(simulationBucket) ?? []).map(({ key, value }) => [decodeUtf8(key), value]),
  );
  const simulation = simulationIn(ours.get('state'));
  const compactRevision = numberIn(meta.get('finishedCompactRev'));
  const scheduled = numberIn(meta.get('scheduledCompactRev'));
  const versions = keys.map(versionOf);
  const revision = Math.max(versions.at(-1)?.revision ?? 1, compactRevision, 1);
  if (!simulation && (buckets.get('authUsers') ?? []).length)
    notes.push(
      'Its users and roles are left out, and authentication is off: their passwords are hashed in another way here.',
    );
  return {
    contents: {
      revision,
      compactRevision,
      // A revision that was bumped has a record without a key.
      versions: versions.filter(({ key }) => key !== ''),
      leases: (buckets.get('lease') ?? []).map(({ value }) => {
        const { ID, TTL } = fromBinary(StoredLeaseSchema, value);
        return { id: ID, ttl: Number(TTL) };
      }),
      isFull: (buckets.get('alarm') ?? []).some(
        ({ key }) => fromBinary(AlarmMemberSchema, key).alarm === AlarmType.NOSPACE,
      ),
      size: simulation?.size ?? file.length,
      auth: simulation?.auth,
    },
    entries:
      scheduled > compactRevision && scheduled <= revision
        ? [{ type: 'compact', revision: scheduled }]
        : [],
    time: simulation?.time,
    members: (buckets.get('members') ?? []).map(memberOf),
    removed: (buckets.get('members_removed') ?? []).map(({ key }) => idOf(key)),
    index: numberIn(meta.get('consistent_index')),
    term: numberIn(meta.get('term')),
    log: ours.get('log'),
    notes,
  };
}

/** The file without the sum that `etcdctl snapshot save` put at its end. A database is a whole number of sectors long. */
function databaseIn(file: Uint8Array, notes: string[]): Uint8Array {
  if (file.length % sectorSize !== hashSize) {
    notes.push('It has no checksum at its end: whether it is whole is not certain.');
    return file;
  }
  const database = file.subarray(0, -hashSize);
  const sum = createHash('sha256').update(database).digest();
  if (!sum.equals(file.subarray(-hashSize)))
    throw new SnapshotError('its checksum does not match: it is damaged or not whole');
  return database;
}

function bucketsIn(database: Uint8Array): Map<string, Entry[]> {
  try {
    return readBolt(database);
  } catch (error) {
    if (error instanceof BoltError) throw new SnapshotError(error.message, { cause: error });
    throw error;
  }
}

function versionOf({ key, value }: Entry): Contents['versions'][number] {
  const place = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (place.length < 17) throw new SnapshotError('a record of it has no revision');
  const revision = Number(place.readBigUInt64BE());
  const sub = Number(place.readBigUInt64BE(9));
  const record = fromBinary(KeyValueSchema, value);
  const of = keyOfBytes(record.key);
  if (place.length > 17) return { key: of, revision, sub, kv: undefined };
  return {
    key: of,
    revision,
    sub,
    kv: {
      key: of,
      // Not a part of the file: it would keep all of it.
      value: new Uint8Array(record.value),
      createRevision: Number(record.createRevision),
      modRevision: Number(record.modRevision),
      version: Number(record.version),
      lease: record.lease,
      writtenBy: 0,
    },
  };
}

interface WireMember {
  readonly peerURLs?: readonly string[];
  readonly name?: string;
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

function memberOf({ key, value }: Entry): MemberInfo {
  const { peerURLs, name, clientURLs, isLearner } = JSON.parse(decodeUtf8(value)) as WireMember;
  return {
    // That of the value is a number too large for JSON.parse.
    id: idOf(key),
    name: name ?? '',
    peerUrls: peerURLs ?? [],
    clientUrls: clientURLs ?? [],
    isLearner: isLearner ?? false,
  };
}

const idOf = (key: Uint8Array): MemberId => BigInt(`0x${decodeUtf8(key)}`);

/** A revision begins with its number. */
const numberIn = (value: Uint8Array | undefined): number =>
  value ? Number(Buffer.from(value).readBigUInt64BE()) : 0;

/** What ours have beside that of etcd. */
export interface Simulation {
  readonly time: Micros;
  readonly size: number;
  readonly auth: AuthContents;
}

const simulationIn = (value: Uint8Array | undefined): Simulation | undefined =>
  value && (JSON.parse(decodeUtf8(value)) as Simulation);
