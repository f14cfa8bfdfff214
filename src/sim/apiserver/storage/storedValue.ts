import { decodeUtf8 } from '../../../base/bytes.ts';
import type { JsonObject } from '../../../api/meta.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';

const protobufMark = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/**
 * The object in a value of etcd: JSON, as this server writes it, or protobuf, as a real one does by default and a restored
 * snapshot has it. Throws what the decoders throw when it is neither.
 */
export function storedObject(value: Uint8Array): JsonObject {
  const isProtobuf = protobufMark.every((byte, index) => value[index] === byte);
  if (!isProtobuf) return JSON.parse(decodeUtf8(value)) as JsonObject;
  const { apiVersion, kind, object } = decodeProtobuf(value);
  return { ...object, apiVersion, kind };
}
