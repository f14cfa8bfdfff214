import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';
import type { WebhookAnswer } from '../../../src/sim/apiserver/admission/webhooks/caller.ts';

// Webhooks, what they answer, and requests: put to a real server by record.ts, and to ours by webhooks.test.ts.

/** Where the webhooks listen while a real server is asked. */
export const hookPort = 18443;

export interface WebhookCase {
  readonly name: string;
  /** The webhooks; what is left out is the usual. */
  readonly mutating?: readonly JsonObject[];
  readonly validating?: readonly JsonObject[];
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly body?: JsonObject;
}

const fullHook = (kind: string, hook: JsonObject, index: number, caBundle: string): JsonObject => ({
  name: `${kind}-${index}.example.com`,
  rules: [
    {
      apiGroups: ['*'],
      apiVersions: ['*'],
      operations: ['*'],
      resources: ['configmaps', 'deployments'],
    },
  ],
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  ...hook,
  clientConfig: {
    ...(typeof hook['path'] === 'string' && {
      url: `https://127.0.0.1:${hookPort}${hook['path']}`,
      caBundle,
    }),
    ...(hook['clientConfig'] as JsonObject | undefined),
  },
});

/** The configurations of a case, to be created before its request. */
export function configurationsOf(
  it: WebhookCase,
  caBundle: string,
): { resource: string; object: JsonObject }[] {
  return (['mutating', 'validating'] as const).flatMap((kind) => {
    const hooks = it[kind];
    if (!hooks) return [];
    const title = kind === 'mutating' ? 'Mutating' : 'Validating';
    return [
      {
        resource: `${kind}webhookconfigurations`,
        object: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: `${title}WebhookConfiguration`,
          metadata: { name: 'hooks' },
          webhooks: hooks.map((hook, index) => {
            const full = fullHook(kind, hook, index, caBundle);
            delete full['path'];
            return full;
          }),
        },
      },
    ];
  });
}

const json = 'application/json';
const reviewed = (
  request: JsonObject,
  response: JsonObject,
  more: JsonObject = {},
): WebhookAnswer => ({
  status: 200,
  contentType: json,
  body: JSON.stringify({
    apiVersion: request['apiVersion'] ?? null,
    kind: 'AdmissionReview',
    response: { uid: request['uid'] ?? null, ...response },
    ...more,
  }),
});
const patchOf = (patch: JsonValue | string): JsonObject => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(typeof patch === 'string' ? patch : JSON.stringify(patch)).toString('base64'),
});
const label = (name: string, value: string): JsonValue => [
  { op: 'add', path: '/metadata/labels', value: { ...{ [name]: value } } },
];
const text = (
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): WebhookAnswer => ({
  status,
  contentType,
  body,
});

type Behaviour = (request: JsonObject) => WebhookAnswer;

/** What a webhook answers, by its path. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  allow: (request) => reviewed(request, { allowed: true }),
  warn: (request) =>
    reviewed(request, {
      allowed: true,
      warnings: ['be careful', 'it is late'],
      auditAnnotations: { note: 'seen' },
    }),
  deny: (request) => reviewed(request, { allowed: false }),
  message: (request) =>
    reviewed(request, { allowed: false, status: { message: 'not on Fridays' } }),
  reason: (request) => reviewed(request, { allowed: false, status: { reason: 'Forbidden' } }),
  code: (request) =>
    reviewed(request, {
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'bad data',
        details: {
          name: 'x',
          kind: 'ConfigMap',
          causes: [{ field: 'data.a', message: 'no', reason: 'FieldValueInvalid' }],
        },
      },
    }),
  success: (request) =>
    reviewed(request, { allowed: false, status: { code: 200, status: 'Success', message: 'odd' } }),
  // The real request, but what differs by server.
  echo: (request) => {
    const copy = JSON.parse(
      JSON.stringify(request, (key, value: JsonValue) =>
        ['uid', 'creationTimestamp', 'managedFields', 'resourceVersion', 'extra'].includes(key)
          ? undefined
          : value,
      ),
    ) as JsonObject;
    return reviewed(request, { allowed: false, status: { message: JSON.stringify(sorted(copy)) } });
  },
  label: (request) => reviewed(request, patchOf(label('a', 'b'))),
  relabel: (request) => reviewed(request, patchOf(label('c', 'd'))),
  count: (request) => {
    const metadata = (request['object'] as JsonObject)['metadata'] as JsonObject;
    const annotations = (metadata['annotations'] ?? {}) as JsonObject;
    const value = String(Number(annotations['count'] ?? 0) + 1);
    return reviewed(
      request,
      patchOf([{ op: 'add', path: '/metadata/annotations', value: { count: value } }]),
    );
  },
  same: (request) =>
    reviewed(
      request,
      patchOf([
        {
          op: 'test',
          path: '/kind',
          value: request['object'] ? ((request['object'] as JsonObject)['kind'] ?? '') : '',
        },
      ]),
    ),
  replicas: (request) => reviewed(request, patchOf([{ op: 'remove', path: '/spec/replicas' }])),
  wrongType: (request) =>
    reviewed(request, patchOf([{ op: 'replace', path: '/spec/replicas', value: 'three' }])),
  unknownField: (request) =>
    reviewed(request, patchOf([{ op: 'add', path: '/spec/colour', value: 'red' }])),
  invalid: (request) =>
    reviewed(request, patchOf([{ op: 'replace', path: '/spec/replicas', value: -1 }])),
  missing: (request) =>
    reviewed(request, patchOf([{ op: 'remove', path: '/metadata/labels/none' }])),
  testFails: (request) =>
    reviewed(request, patchOf([{ op: 'test', path: '/kind', value: 'Nothing' }])),
  brokenPatch: (request) => reviewed(request, patchOf('[{')),
  objectPatch: (request) => reviewed(request, patchOf('{}')),
  emptyPatch: (request) => reviewed(request, patchOf('[]')),
  noPatchType: (request) => reviewed(request, { allowed: true, patch: 'W10=' }),
  noPatch: (request) => reviewed(request, { allowed: true, patchType: 'JSONPatch' }),
  otherPatchType: (request) =>
    reviewed(request, { ...patchOf(label('a', 'b')), patchType: 'Merge' }),
  otherUid: (request) => reviewed(request, { allowed: true, uid: 'other' }),
  otherVersion: (request) =>
    reviewed(request, { allowed: true }, { apiVersion: 'admission.k8s.io/v1beta1' }),
  noKind: (request) => reviewed(request, { allowed: true }, { kind: '' }),
  absent: () =>
    text(200, JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }), json),
  empty: () => text(200, '', json),
  notJson: () => text(200, 'ok', json),
  plainText: () => text(200, 'ok'),
  array: () => text(200, '[]', json),
  wrongAllowed: (request) => reviewed(request, { allowed: 'yes' }),
  s400: () => text(400, 'bad'),
  s401: () => text(401, 'who are you'),
  s403: () => text(403, 'not you'),
  s404: () => text(404, '404 page not found\n'),
  s429: () => text(429, 'slow down'),
  s500: () => text(500, 'oh "no"\n'),
  s500json: () => text(500, '{"error":"x"}', json),
  s503: () => text(503, 'later'),
  s418: () => text(418, 'tea'),
  status: () =>
    text(
      500,
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: 'a Status says so',
        code: 500,
      }),
      json,
    ),
};

/** Keys in order, so that two servers can be compared. */
const sorted = (value: JsonValue | undefined): JsonValue =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        )
      : (value ?? null);

export function answerTo(path: string, body: string): WebhookAnswer {
  const behaviour = behaviours[path.slice(1)];
  if (!behaviour) return text(404, '404 page not found\n');
  const { apiVersion, request } = JSON.parse(body) as { apiVersion: string; request: JsonObject };
  return behaviour({ ...request, apiVersion });
}

const configMap = (more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...more },
  data: { a: 'b' },
});
const deployment = (more: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'x', labels: { app: 'x' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'a', image: 'nginx' }] },
    },
    ...more,
  },
});
const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const created = { method: 'POST', url: configMaps, body: configMap() } as const;
const deployed = { method: 'POST', url: deployments, body: deployment() } as const;

const each = (
  kind: 'mutating' | 'validating',
  request: Pick<WebhookCase, 'method' | 'url' | 'body'>,
  paths: readonly string[],
): WebhookCase[] =>
  paths.map((path) => ({
    name: `${kind} ${path}${request.url === deployments ? ' of a Deployment' : ''}`,
    [kind]: [{ path: `/${path}` }],
    ...request,
  }));

const anyVerdict = ['allow', 'warn', 'deny', 'message', 'reason', 'code', 'success'];
const improper = [
  'otherUid',
  'otherVersion',
  'noKind',
  'absent',
  'empty',
  'notJson',
  'plainText',
  'array',
  'wrongAllowed',
  's400',
  's401',
  's403',
  's404',
  's429',
  's500',
  's500json',
  's503',
  's418',
  'status',
  'nowhere',
];

export const webhookCases: readonly WebhookCase[] = [
  ...each('validating', created, [...anyVerdict, ...improper, 'label', 'noPatch', 'echo']),
  ...each('mutating', created, [
    ...anyVerdict,
    ...improper,
    'label',
    'missing',
    'testFails',
    'brokenPatch',
    'objectPatch',
    'emptyPatch',
    'noPatchType',
    'noPatch',
    'otherPatchType',
    'same',
    'echo',
  ]),
  ...each('mutating', deployed, ['replicas', 'wrongType', 'unknownField', 'invalid', 'echo']),
  {
    name: 'failures are ignored',
    validating: [{ path: '/s500', failurePolicy: 'Ignore' }],
    ...created,
  },
  {
    name: 'refusals are not ignored',
    validating: [{ path: '/deny', failurePolicy: 'Ignore' }],
    ...created,
  },
  {
    name: 'a broken patch is ignored',
    mutating: [{ path: '/brokenPatch', failurePolicy: 'Ignore' }],
    ...created,
  },
  {
    name: 'a patch that does not apply is not ignored',
    mutating: [{ path: '/missing', failurePolicy: 'Ignore' }],
    ...created,
  },
  {
    name: 'two refuse',
    validating: [{ path: '/message' }, { path: '/s500', failurePolicy: 'Ignore' }],
    ...created,
  },
  {
    name: 'mutating ones see each other',
    mutating: [{ path: '/label' }, { path: '/echo' }],
    ...created,
  },
  {
    name: 'called again when another one changed the object',
    mutating: [{ path: '/count', reinvocationPolicy: 'IfNeeded' }, { path: '/label' }],
    ...created,
  },
  { name: 'never called again', mutating: [{ path: '/count' }, { path: '/label' }], ...created },
  {
    name: 'called again only once',
    mutating: [
      { path: '/count', reinvocationPolicy: 'IfNeeded' },
      { path: '/relabel', reinvocationPolicy: 'IfNeeded' },
    ],
    ...created,
  },
  {
    name: 'timeout in the query',
    validating: [{ path: '/nowhere', timeoutSeconds: 3 }],
    ...created,
  },
  {
    name: 'dry run',
    validating: [{ path: '/echo' }],
    method: 'POST',
    url: `${configMaps}?dryRun=All`,
    body: configMap(),
  },
  {
    name: 'field manager',
    validating: [{ path: '/echo' }],
    method: 'POST',
    url: `${configMaps}?fieldManager=me&fieldValidation=Strict`,
    body: configMap(),
  },
  {
    name: 'generateName',
    validating: [{ path: '/deny' }],
    method: 'POST',
    url: configMaps,
    body: configMap({ name: null, generateName: 'x-' }),
  },
  { name: 'deletion', validating: [{ path: '/echo' }], method: 'DELETE', url: `${configMaps}/old` },
  {
    name: 'deletion with options',
    validating: [{ path: '/echo' }],
    method: 'DELETE',
    url: `${configMaps}/old`,
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
    },
  },
  {
    name: 'mutating a deletion',
    mutating: [
      {
        path: '/label',
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['configmaps'],
          },
        ],
      },
    ],
    method: 'DELETE',
    url: `${configMaps}/old`,
  },
  {
    name: 'update',
    validating: [{ path: '/echo' }],
    method: 'PUT',
    url: `${configMaps}/old`,
    body: configMap({ name: 'old', labels: { new: 'yes' } }),
  },
  {
    name: 'other operations',
    validating: [
      {
        path: '/deny',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['*'] }],
      },
    ],
    ...created,
  },
  {
    name: 'subresources do not match',
    validating: [
      {
        path: '/deny',
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps/*'] },
        ],
      },
    ],
    ...created,
  },
  {
    name: 'cluster scope',
    validating: [
      {
        path: '/deny',
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['*'],
            resources: ['*'],
            scope: 'Cluster',
          },
        ],
      },
    ],
    ...created,
  },
  {
    name: 'object selector',
    validating: [{ path: '/deny', objectSelector: { matchLabels: { a: 'b' } } }],
    ...created,
  },
  {
    name: 'object selector after a mutation',
    mutating: [{ path: '/label' }],
    validating: [{ path: '/deny', objectSelector: { matchLabels: { a: 'b' } } }],
    ...created,
  },
  {
    name: 'namespace selector',
    validating: [
      {
        path: '/deny',
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['default'] },
          ],
        },
      },
    ],
    ...created,
  },
  {
    name: 'a condition does not hold',
    validating: [
      { path: '/deny', matchConditions: [{ name: 'no', expression: 'request.name != "x"' }] },
    ],
    ...created,
  },
  {
    name: 'a condition fails',
    validating: [
      { path: '/deny', matchConditions: [{ name: 'no', expression: 'object.data.none == "x"' }] },
    ],
    ...created,
  },
  {
    name: 'a failing condition is ignored',
    validating: [
      {
        path: '/deny',
        failurePolicy: 'Ignore',
        matchConditions: [{ name: 'no', expression: 'object.data.none == "x"' }],
      },
    ],
    ...created,
  },
  {
    name: 'an equivalent version',
    validating: [
      {
        path: '/echo',
        rules: [
          { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
        ],
      },
    ],
    method: 'POST',
    url: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    body: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x' },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
      },
    },
  },
  {
    name: 'exactly another version',
    validating: [
      {
        path: '/deny',
        matchPolicy: 'Exact',
        rules: [
          { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
        ],
      },
    ],
    method: 'POST',
    url: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers?dryRun=All',
    body: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x' },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
      },
    },
  },
  {
    name: 'v1beta1',
    validating: [{ path: '/deny', admissionReviewVersions: ['v1beta1'] }],
    ...created,
  },
  {
    name: 'v1beta1 patch',
    mutating: [{ path: '/noPatchType', admissionReviewVersions: ['v1beta1'] }],
    ...created,
  },
  {
    name: 'no such Service',
    validating: [
      { clientConfig: { service: { name: 'none', namespace: 'default', path: '/check' } } },
    ],
    ...created,
  },
  {
    name: 'no such Service, without a path',
    validating: [{ clientConfig: { service: { name: 'none', namespace: 'default' } } }],
    ...created,
  },
  {
    name: 'a headless Service',
    validating: [
      { clientConfig: { service: { name: 'headless', namespace: 'default', path: '/check' } } },
    ],
    ...created,
  },
  {
    name: 'no such port',
    validating: [
      { clientConfig: { service: { name: 'kubernetes', namespace: 'default', port: 8443 } } },
    ],
    ...created,
  },
  {
    name: 'nobody listens',
    validating: [{ clientConfig: { url: 'https://127.0.0.1:18444/check' } }],
    ...created,
  },
  {
    name: 'configurations are not judged',
    validating: [
      {
        path: '/deny',
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
    ],
    method: 'POST',
    url: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'more' },
    },
  },
  {
    name: 'reviews are judged',
    validating: [
      {
        path: '/deny',
        rules: [
          {
            apiGroups: ['*'],
            apiVersions: ['*'],
            operations: ['*'],
            resources: ['selfsubjectreviews'],
          },
        ],
      },
    ],
    method: 'POST',
    url: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  },
];

/** Objects that there are before every case. */
export const standing: readonly { readonly url: string; readonly object: JsonObject }[] = [
  { url: configMaps, object: configMap({ name: 'old' }) },
  {
    url: '/api/v1/namespaces/default/services',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'headless' },
      spec: { clusterIP: 'None', ports: [{ port: 443 }] },
    },
  },
];

/** What is left behind by a request that was accepted. */
export const leftovers = [
  `${configMaps}/x`,
  `${deployments}/x`,
  '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/x',
];

export interface WebhookAnswerRecord {
  readonly code: number;
  readonly warnings: readonly string[];
  /** The Status, or of an object what webhooks may have changed. */
  readonly body: JsonObject;
}

/** What is compared of an answer. */
export function recordOf(
  code: number,
  warnings: readonly string[],
  body: JsonObject,
): WebhookAnswerRecord {
  if (body['kind'] === 'Status') {
    const details = { ...(body['details'] as JsonObject | undefined) };
    delete details['uid'];
    return { code, warnings, body: { ...body, ...(body['details'] !== undefined && { details }) } };
  }
  const metadata = (body['metadata'] ?? {}) as JsonObject;
  const { labels = null, annotations = null } = metadata;
  return {
    code,
    warnings,
    body: {
      kind: body['kind'] ?? null,
      labels,
      annotations,
      replicas: (body['spec'] as JsonObject | undefined)?.['replicas'] ?? null,
    },
  };
}
