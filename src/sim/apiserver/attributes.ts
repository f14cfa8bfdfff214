import type { KubeObject } from '../../api/meta.ts';

/** Models k8s.io/apiserver/pkg/authentication/user.Info. */
export interface UserInfo {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about. Models request.RequestInfo. */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  /** Path without query. */
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the HTTP method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Path segments from the resource on. */
  readonly parts: readonly string[];
}

/** What admission and strategies are asked about. Models admission.Attributes. */
export interface RequestAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly user: UserInfo;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly kind: string;
  readonly namespace: string;
  /** '' for a creation with generateName. */
  readonly name: string;
  readonly dryRun: boolean;
  /** Options of the request (CreateOptions, DeleteOptions …) as sent, for policies and webhooks. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly userAgent: string;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
}
