import { encodeUtf8 } from '../../../base/bytes.ts';

/** Of a document in version 2, as protobuf. Clients ask for it with an `@` before the last version. */
export const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * A document of version 2 with one path. kubectl asks for it only about kinds that documents of version 3 do not have,
 * and wants to read in it what it can say of Namespaces, which stand for any kind. Models gnostic's openapiv2.Document.
 */
export function protobufDocument(version: string): Uint8Array {
  const gvk = '{"group": "", "kind": "Namespace", "version": "v1"}';
  const extension = message(
    text(1, 'x-kubernetes-group-version-kind'),
    nested(2, message(text(2, gvk))),
  );
  const query = message(text(2, 'query'), text(4, 'fieldValidation'), text(6, 'string'));
  const parameter = message(nested(1, message(nested(2, message(nested(3, query))))));
  const patch = message(
    text(5, 'patchCoreV1Namespace'),
    nested(8, parameter),
    nested(13, extension),
  );
  const path = message(text(1, '/api/v1/namespaces/{name}'), nested(2, message(nested(8, patch))));
  return message(
    text(1, '2.0'),
    nested(2, message(text(1, 'Kubernetes'), text(2, version))),
    nested(8, message(nested(2, path))),
    nested(9, message()),
  );
}

const message = (...fields: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(fields.flatMap((field) => [...field]));

const nested = (field: number, bytes: Uint8Array): Uint8Array =>
  message(varint((field << 3) | 2), varint(bytes.length), bytes);

const text = (field: number, value: string): Uint8Array => nested(field, encodeUtf8(value));

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
