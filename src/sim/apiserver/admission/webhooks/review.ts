import type { JsonObject, JsonValue, KubeObject } from '../../../../api/meta.ts';
import { structType } from '../../../../api/schema/goTypes.ts';
import { goQuote } from '../../../../api/field.ts';
import type { Status } from '../../../../api/status.ts';
import { decodeBase64 } from '../../../../base/base64.ts';
import { decodeUtf8 } from '../../../../base/bytes.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { statedKind } from '../../decode/decode.ts';
import { JsonSyntaxError, parseJson } from '../../decode/json.ts';
import { decodeTyped } from '../../decode/typed.ts';
import { parseYaml, YamlError } from '../../decode/yaml.ts';
import { admissionRequest, type Matched } from '../admissionRequest.ts';

/** An answer that is no proper AdmissionReview; the message says why. */
export class ReviewError extends Error {}

const group = 'admission.k8s.io';
export type ReviewVersion = 'v1' | 'v1beta1';
const known: readonly string[] = ['v1', 'v1beta1'] satisfies ReviewVersion[];

/** The first version that the webhook takes and a server speaks. */
export function reviewVersionOf(accepted: readonly string[]): ReviewVersion {
  const version = accepted.find((it) => known.includes(it));
  if (version === undefined)
    throw new ReviewError(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  return version as ReviewVersion;
}

export interface Review {
  readonly version: ReviewVersion;
  readonly uid: string;
  readonly attributes: RequestAttributes;
  readonly matched: Matched;
  /** In the matched version. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly dryRun: boolean;
}

export const reviewBody = (review: Review): string =>
  JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: `${group}/${review.version}`,
    request: {
      ...admissionRequest(review.attributes, review.matched),
      uid: review.uid,
      object: review.object ?? null,
      oldObject: review.oldObject ?? null,
      dryRun: review.dryRun,
    },
  });

/** Models admission/plugin/webhook/request AdmissionResponse. */
export interface Response {
  readonly uid?: string;
  readonly allowed: boolean;
  readonly status?: Partial<Status>;
  /** Base64. */
  readonly patch?: string;
  readonly patchType?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
structType('v1.AdmissionResponse', [
  ['uid', '', 'string'],
  ['allowed', '', 'bool'],
  ['status', 'e', `*${meta}.Status`],
  ['patch', 'e', '[]byte'],
  ['patchType', 'e', '*string'],
  ['auditAnnotations', 'e', 'map[string]string'],
  ['warnings', 'e', '[]string'],
]);
const reviewType = structType('v1.AdmissionReview', [
  ['', 'i', `${meta}.TypeMeta`],
  ['response', 'e', '*v1.AdmissionResponse'],
]);

/** What a body says, in Go's words when it says nothing. Throws ReviewError. */
export function decodeReview(body: string, version: ReviewVersion): JsonObject {
  const value = valueOf(body);
  const { apiVersion, kind } = statedKind(value);
  const expected = `${group}/${version}`;
  const other = known.find((it) => it !== version && apiVersion === `${group}/${it}`);
  if (other !== undefined && kind === 'AdmissionReview')
    throw new ReviewError(
      `converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`,
    );
  if ((apiVersion && apiVersion !== expected) || (kind && kind !== 'AdmissionReview'))
    throw new ReviewError(
      `no kind "${kind || 'AdmissionReview'}" is registered for version "${apiVersion || expected}" in scheme "pkg/runtime/scheme.go:110"`,
    );
  const { value: decoded, error } = decodeTyped(value, reviewType);
  if (error !== undefined) throw new ReviewError(error);
  return (decoded ?? {}) as JsonObject;
}

/** What is no JSON is read as YAML, which nearly everything is. */
function valueOf(body: string): JsonValue {
  try {
    return parseJson(body);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  try {
    return parseYaml(body).value;
  } catch (error) {
    if (error instanceof YamlError) throw new ReviewError(error.message, { cause: error });
    throw error;
  }
}

/** Throws ReviewError. Models admission/plugin/webhook/request VerifyAdmissionResponse. */
export function responseOf(
  review: JsonObject,
  { version, uid }: Pick<Review, 'version' | 'uid'>,
  isMutating: boolean,
): Response {
  const response = review['response'] as unknown as Response | undefined;
  if (!response) throw new ReviewError('webhook response was absent');
  const { patch, patchType } = response;
  if (version === 'v1beta1')
    // Who speaks v1beta1 need not say that a patch is a JSON patch.
    return patch && isMutating ? { ...response, patchType: 'JSONPatch' } : response;
  if (response.uid !== uid)
    throw new ReviewError(
      `expected response.uid=${goQuote(uid)}, got ${goQuote(response.uid ?? '')}`,
    );
  const { apiVersion = '', kind = '' } = review as { apiVersion?: string; kind?: string };
  if (apiVersion !== `${group}/v1` || kind !== 'AdmissionReview')
    throw new ReviewError(
      `expected webhook response of ${group}/v1, Kind=AdmissionReview, got ${apiVersion}, Kind=${kind}`,
    );
  if (!isMutating) {
    if (patch) throw new ReviewError('validating webhook may not return response.patch');
    if (patchType !== undefined)
      throw new ReviewError('validating webhook may not return response.patchType');
    return response;
  }
  if (patch && patchType === undefined)
    throw new ReviewError('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined)
    throw new ReviewError('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new ReviewError('webhook returned invalid response.patchType of ""');
  return response;
}

/** The text of a patch. */
export const patchText = ({ patch = '' }: Response): string =>
  decodeUtf8(decodeBase64(patch) ?? new Uint8Array());
