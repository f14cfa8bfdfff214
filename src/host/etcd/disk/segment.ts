import type { Micros } from '../../../base/time.ts';
import { crc32c } from '../crc32c.ts';
import { BytesReader, BytesWriter } from './bytes.ts';

/**
 * A file of the write-ahead log. All that was gathered for one sync of the disk is one frame:
 *
 *     head   'K8SWAL01' · number of the segment (u32) · sum of the frame before, in the last segment (u32) · sum (u32)
 *     frame  bytes of the body (u32) · sum of the body (u32) · sum of this head (u32) · body
 *     body   time (f64, µs) · entries
 *
 * Sums are CRC-32C. That of a frame's head begins with the one of the frame before, so a frame is only valid in its
 * place. A frame is written after the one before was synced: what a crash leaves unfinished is the last one.
 */
const magic = Buffer.from('K8SWAL01');
export const segmentHeadSize = magic.length + 12;
const frameHeadSize = 12;
const timeSize = 8;
/** Disks write sectors whole. */
const sectorSize = 512;

/** How what is logged becomes bytes and is read again; throws RangeError where bytes are none of its own. */
export interface Codec<Entry> {
  readonly encode: (entries: readonly Entry[]) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Entry[];
}

/** Entries one after another, each of which says itself where it ends. */
export const sequenceCodec = <Entry>(
  encode: (writer: BytesWriter, entry: Entry) => void,
  decode: (reader: BytesReader) => Entry,
): Codec<Entry> => ({
  encode(entries) {
    const writer = new BytesWriter();
    for (const entry of entries) encode(writer, entry);
    return writer.bytes;
  },
  decode(bytes) {
    const reader = new BytesReader(bytes);
    const entries: Entry[] = [];
    while (!reader.isAtEnd) entries.push(decode(reader));
    return entries;
  },
});

export interface Frame<Entry> {
  readonly time: Micros;
  readonly entries: readonly Entry[];
}

export interface Segment<Entry> {
  readonly frames: readonly Frame<Entry>[];
  /** The sum that the next frame's begins with. */
  readonly sum: number;
  /** Where the next frame belongs. */
  readonly end: number;
  /** What keeps the rest of the file from being read. */
  readonly damage: Damage | undefined;
}

export interface Damage {
  readonly offset: number;
  /** A clause: `its checksum does not match`. */
  readonly what: string;
  /** Whether it looks as a crash in the middle of a write leaves it: there is no more file, or sectors are empty. */
  readonly isTorn: boolean;
}

export function segmentHead(number: number, sum: number): Buffer {
  const head = Buffer.alloc(segmentHeadSize);
  magic.copy(head);
  head.writeUInt32LE(number, 8);
  head.writeUInt32LE(sum, 12);
  head.writeUInt32LE(crc32c(head.subarray(0, 16)), 16);
  return head;
}

/**
 * A frame, and its sum.
 * @param encoded the entries
 */
export function frameOf(
  time: Micros,
  encoded: Uint8Array,
  before: number,
): { readonly bytes: Buffer; readonly sum: number } {
  const bytes = Buffer.allocUnsafe(frameHeadSize + timeSize + encoded.length);
  bytes.writeUInt32LE(timeSize + encoded.length, 0);
  bytes.writeDoubleLE(time, frameHeadSize);
  bytes.set(encoded, frameHeadSize + timeSize);
  bytes.writeUInt32LE(crc32c(bytes.subarray(frameHeadSize)), 4);
  const sum = crc32c(bytes.subarray(0, 8), before);
  bytes.writeUInt32LE(sum, 8);
  return { bytes, sum };
}

/**
 * Reads as far as all is well.
 * @param before the sum with which the segment before ended; undefined for the first that is read
 */
export function readSegment<Entry>(
  file: Uint8Array,
  number: number,
  before: number | undefined,
  { decode }: Codec<Entry>,
): Segment<Entry> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const frames: Frame<Entry>[] = [];
  const head = readHead(bytes, number, before);
  if (typeof head !== 'number') return { frames, sum: before ?? 0, end: 0, damage: head };
  let sum = head;
  let offset = segmentHeadSize;
  while (offset < bytes.length) {
    const read = readFrame(bytes, offset, sum, decode);
    if ('what' in read) return { frames, sum, end: offset, damage: read };
    frames.push(read.frame);
    sum = read.sum;
    offset = read.end;
  }
  return { frames, sum, end: offset, damage: undefined };
}

/** The sum that the first frame's begins with. */
function readHead(bytes: Buffer, number: number, before: number | undefined): number | Damage {
  const damage = (what: string, isTorn: boolean): Damage => ({ offset: 0, what, isTorn });
  if (bytes.length < segmentHeadSize || isEmptyIn(bytes, 0, segmentHeadSize))
    return damage('it ends within its head', true);
  if (!bytes.subarray(0, magic.length).equals(magic))
    return damage('it does not begin as a log of this program does', false);
  if (bytes.readUInt32LE(16) !== crc32c(bytes.subarray(0, 16)))
    return damage('the checksum of its head does not match', false);
  const sum = bytes.readUInt32LE(12);
  if (bytes.readUInt32LE(8) !== number || (before !== undefined && sum !== before))
    return damage('it does not follow the file before it', false);
  return sum;
}

function readFrame<Entry>(
  bytes: Buffer,
  offset: number,
  before: number,
  decode: Codec<Entry>['decode'],
): { readonly frame: Frame<Entry>; readonly sum: number; readonly end: number } | Damage {
  const damage = (what: string, isTorn: boolean): Damage => ({ offset, what, isTorn });
  const start = offset + frameHeadSize;
  if (start > bytes.length) return damage('it ends within a record', true);
  const sum = crc32c(bytes.subarray(offset, offset + 8), before);
  if (bytes.readUInt32LE(offset + 8) !== sum)
    return damage('a checksum does not match', isEmptyIn(bytes, offset, bytes.length));
  const end = start + bytes.readUInt32LE(offset);
  if (end > bytes.length) return damage('it ends within a record', true);
  const body = bytes.subarray(start, end);
  if (bytes.readUInt32LE(offset + 4) !== crc32c(body))
    return damage(
      'a checksum does not match',
      end === bytes.length && hasEmptySector(bytes, start, end),
    );
  try {
    const frame = {
      time: body.readDoubleLE(0),
      entries: decode(body.subarray(timeSize)),
    };
    return { frame, sum, end };
  } catch (error) {
    if (error instanceof RangeError)
      return damage(`a record is not readable: ${error.message}`, false);
    throw error;
  }
}

/** Whether the part of a sector that lies in a frame was never written. Models etcd's wal decoder isTornEntry. */
function hasEmptySector(bytes: Buffer, start: number, end: number): boolean {
  for (let from = start; from < end;) {
    const to = Math.min(end, (Math.floor(from / sectorSize) + 1) * sectorSize);
    if (isEmptyIn(bytes, from, to)) return true;
    from = to;
  }
  return false;
}

const isEmptyIn = (bytes: Buffer, start: number, end: number): boolean =>
  bytes.subarray(start, end).every((byte) => byte === 0);
