import { formatMicroTime } from '../../../base/time.ts';
import type { JsonObject, KubeObject } from '../../../api/meta.ts';
import type { UserInfo } from '../attributes.ts';
import type { Exchange } from '../exchange.ts';

/** Takes audit.k8s.io/v1 events; `isOn` false spares the making of them. */
export interface AuditSink {
  readonly isOn: boolean;
  write(event: JsonObject): void;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** The stage that decides what will be recorded of the request. */
export function beginAudit(exchange: Exchange): Promise<void> {
  return exchange.stage('audit', (note) => {
    const level = levelOf(exchange);
    exchange.headers['audit-id'] = exchange.auditId;
    note.facts = { auditID: exchange.auditId, level };
    note.summary =
      level === 'RequestResponse'
        ? 'Will be recorded with its bodies when it is answered.'
        : 'Will be recorded without bodies when it is answered.';
  });
}

const levelOf = (exchange: Exchange): string =>
  WRITES.has(exchange.info.verb) && exchange.info.isResourceRequest
    ? 'RequestResponse'
    : 'Metadata';

/** The event at ResponseComplete. Models apiserver/pkg/audit. */
export function auditEvent(
  exchange: Exchange,
  code: number,
  failure: JsonObject | undefined,
): JsonObject {
  const { info, user, impersonator } = exchange;
  const level = levelOf(exchange);
  const asker = impersonator ?? user;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: exchange.auditId,
    stage: 'ResponseComplete',
    requestURI: exchange.request.url,
    verb: info.verb,
    user: userOf(asker),
    ...(impersonator && { impersonatedUser: userOf(user) }),
    sourceIPs: [exchange.request.peer.address ?? '127.0.0.1'],
    userAgent: exchange.userAgent,
    ...(info.isResourceRequest && { objectRef: objectRef(exchange) }),
    responseStatus: failure
      ? {
          metadata: {},
          status: 'Failure',
          message: failure['message'],
          reason: failure['reason'],
          ...(failure['details'] !== undefined && { details: failure['details'] }),
          code,
        }
      : { metadata: {}, code },
    ...(level === 'RequestResponse' && {
      ...(exchange.requestObject && { requestObject: exchange.requestObject }),
      ...(exchange.responseObject && { responseObject: exchange.responseObject }),
    }),
    requestReceivedTimestamp: formatMicroTime(exchange.received),
    stageTimestamp: formatMicroTime(exchange.now),
    annotations: { ...exchange.auditAnnotations },
  };
}

function userOf(user: UserInfo): JsonObject {
  return {
    username: user.name,
    ...(user.uid && { uid: user.uid }),
    groups: [...user.groups],
    ...(Object.keys(user.extra).length && {
      extra: Object.fromEntries(Object.entries(user.extra).map(([key, list]) => [key, [...list]])),
    }),
  };
}

function objectRef(exchange: Exchange): JsonObject {
  const { info, requestObject, responseObject } = exchange;
  const sent = (requestObject as Partial<KubeObject> | undefined)?.metadata;
  const made = (responseObject as Partial<KubeObject> | undefined)?.metadata;
  const name = info.name || sent?.name || (info.verb === 'create' ? made?.name : undefined);
  return {
    resource: info.resource,
    ...(info.namespace && { namespace: info.namespace }),
    ...(name && { name }),
    ...(sent?.uid && { uid: sent.uid }),
    ...(info.group && { apiGroup: info.group }),
    apiVersion: info.version,
    ...(sent?.resourceVersion && { resourceVersion: sent.resourceVersion }),
    ...(info.subresource && { subresource: info.subresource }),
  };
}
