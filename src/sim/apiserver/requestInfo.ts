import type { RequestInfo } from './attributes.ts';
import { parseTarget, type Query } from './query.ts';

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** `/api/v1/namespaces/x/status` is about the namespace, not about a resource `status` in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** What a request line is about. Models apiserver/pkg/endpoints/request RequestInfoFactory.NewRequestInfo. */
export function requestInfo(method: string, url: string): RequestInfo {
  const { path, query } = parseTarget(url);
  return requestInfoOf(method, path, query);
}

export function requestInfoOf(method: string, path: string, query: Query): RequestInfo {
  const segments = path
    .split('/')
    .filter((segment, index, all) => segment !== '' || (index > 0 && index < all.length - 1));
  const root = segments[0];
  const isLegacy = root === 'api';
  if ((!isLegacy && root !== 'apis') || segments.length < (isLegacy ? 3 : 4))
    return plain(method, path);
  const group = isLegacy ? '' : (segments[1] ?? '');
  const version = segments[isLegacy ? 1 : 2] ?? '';
  let parts = segments.slice(isLegacy ? 2 : 3);
  let verb = VERBS[method] ?? '';
  let viaPath = false;
  if ((parts[0] === 'watch' || parts[0] === 'proxy') && parts.length > 1) {
    verb = parts[0];
    parts = parts.slice(1);
    viaPath = true;
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '')) parts = parts.slice(2);
  }
  let name = parts[1] ?? '';
  const subresource = viaPath ? '' : (parts[2] ?? '');
  if (!name && verb === 'get') {
    verb = isWatch(query) ? 'watch' : 'list';
    name = selectedName(query) ?? '';
  }
  if (!name && verb === 'delete') verb = 'deletecollection';
  return {
    isResourceRequest: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource: parts[0] ?? '',
    subresource,
    name,
    parts,
  };
}

const plain = (method: string, path: string): RequestInfo => ({
  isResourceRequest: false,
  path,
  verb: method.toLowerCase(),
  group: '',
  version: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  parts: [],
});

/** A boolean parameter as the API's parameter codec reads it: present and not `false` or `0`. */
export function isTrue(query: Query, name: string): boolean {
  const value = query.get(name);
  return value !== undefined && value.toLowerCase() !== 'false' && value !== '0';
}

const isWatch = (query: Query): boolean => isTrue(query, 'watch');

/** A list with `metadata.name=x` counts as about x, for authorization. */
function selectedName(query: Query): string | undefined {
  for (const term of (query.get('fieldSelector') ?? '').split(',')) {
    const match = /^metadata\.name={1,2}(.+)$/.exec(term.trim());
    const name = match?.[1];
    if (name && name !== '.' && name !== '..' && !/[/%]/.test(name)) return name;
  }
  return undefined;
}
