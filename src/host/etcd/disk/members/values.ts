import { decodeUtf8, encodeUtf8 } from '../../../../base/bytes.ts';
import type { BytesReader, BytesWriter } from '../bytes.ts';

/** What stands for a value's kind on disk: these numbers never change. */
const codes = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  whole: 4,
  float: 5,
  int64: 6,
  uint64: 7,
  latin1: 8,
  utf8: 9,
  bytes: 10,
  array: 11,
  object: 12,
} as const;

/**
 * Writes plain data: numbers, bigints of 64 bits, texts, bytes, arrays, and objects of them. Properties without a value
 * are left out. What comes back is equal, whatever is added to a type later.
 */
export function writeValue(writer: BytesWriter, value: unknown): void {
  if (value === undefined) writer.number(codes.undefined);
  else if (value === null) writer.number(codes.null);
  else if (typeof value === 'boolean') writer.number(value ? codes.true : codes.false);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'bigint')
    if (value < 0n) writer.number(codes.int64).int64(value);
    else writer.number(codes.uint64).int64(BigInt.asIntN(64, value));
  else if (typeof value === 'string') writeText(writer, value);
  else if (value instanceof Uint8Array) writer.number(codes.bytes).block(value);
  else if (Array.isArray(value)) {
    writer.number(codes.array).number(value.length);
    for (const item of value as readonly unknown[]) writeValue(writer, item);
  } else if (typeof value === 'object') {
    const properties = Object.entries(value).filter(([, it]) => it !== undefined);
    writer.number(codes.object).number(properties.length);
    for (const [name, it] of properties) writeValue(writer.latin1(name), it);
  } else throw new TypeError(`a ${typeof value} is not data`);
}

/** Throws RangeError where there is none that was written. */
export function readValue(reader: BytesReader): unknown {
  const code = reader.number();
  switch (code) {
    case codes.undefined:
      return undefined;
    case codes.null:
      return null;
    case codes.false:
    case codes.true:
      return code === codes.true;
    case codes.whole:
      return reader.number();
    case codes.float:
      return reader.float();
    case codes.int64:
      return reader.int64();
    case codes.uint64:
      return BigInt.asUintN(64, reader.int64());
    case codes.latin1:
      return reader.latin1();
    case codes.utf8:
      return decodeUtf8(reader.block());
    case codes.bytes:
      return reader.block();
    case codes.array:
      return Array.from({ length: reader.number() }, () => readValue(reader));
    case codes.object: {
      const read = (): [string, unknown] => [reader.latin1(), readValue(reader)];
      return Object.fromEntries(Array.from({ length: reader.number() }, read));
    }
    default:
      throw new RangeError(`a value of a kind that is not known (${code})`);
  }
}

function writeNumber(writer: BytesWriter, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0))
    writer.number(codes.whole).number(value);
  else writer.number(codes.float).float(value);
}

function writeText(writer: BytesWriter, text: string): void {
  // Keys of etcd are bytes, one char each.
  if (/^[\0-\xff]*$/.test(text)) writer.number(codes.latin1).latin1(text);
  else writer.number(codes.utf8).block(encodeUtf8(text));
}
