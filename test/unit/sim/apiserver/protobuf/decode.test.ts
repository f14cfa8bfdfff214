import assert from 'node:assert/strict';
import { decodeProtobuf } from '../../../../../src/sim/apiserver/protobuf/decode.ts';

// Messages as clients write them: a field is its number and its bytes, or a whole number.
type Field = readonly [number: number, value: string | number | Uint8Array];

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];

function message(...fields: Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

/** `k8s\0` and a runtime.Unknown of the kind. */
const body = (apiVersion: string, kind: string, raw: Uint8Array): Uint8Array =>
  Uint8Array.from([
    ...new TextEncoder().encode('k8s\0'),
    ...message([1, message([1, apiVersion], [2, kind])], [2, raw]),
  ]);

const check = (apiVersion: string, kind: string, raw: Uint8Array, expected: object): void => {
  const decoded = decodeProtobuf(body(apiVersion, kind, raw));
  assert.deepEqual(decoded, { apiVersion, kind, object: expected });
};

describe('decoding of Kubernetes protobuf', () => {
  it('knows fields by their numbers', () => {
    check(
      'v1',
      'ConfigMap',
      message([1, message([1, 'settings'])], [2, message([1, 'a'], [2, 'b'])]),
      { metadata: { name: 'settings' }, data: { a: 'b' } },
    );
  });

  it('puts embedded structs into their outer ones, as Go does in JSON', () => {
    // IngressSpec.rules = 3; IngressRule.host = 1, .ingressRuleValue = 2; IngressRuleValue.http = 1
    const rule = message([1, 'example.com'], [2, message([1, message()])]);
    check('networking.k8s.io/v1', 'Ingress', message([2, message([3, rule])]), {
      spec: { rules: [{ host: 'example.com', http: {} }] },
    });
  });

  it('names fields as JSON does where protobuf cannot', () => {
    // MutatingWebhookConfiguration.Webhooks = 2; MutatingWebhook.name = 1
    const webhook = message([1, 'a.example.com']);
    check(
      'admissionregistration.k8s.io/v1',
      'MutatingWebhookConfiguration',
      message([2, webhook], [2, webhook]),
      { webhooks: [{ name: 'a.example.com' }, { name: 'a.example.com' }] },
    );
  });

  it('says when a message is cut off', () => {
    const whole = body('v1', 'ConfigMap', message([1, message([1, 'settings'])]));
    assert.throws(() => decodeProtobuf(whole.subarray(0, whole.length - 3)), RangeError);
  });
});
