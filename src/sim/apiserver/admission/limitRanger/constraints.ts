import {
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  type Quantity,
} from '../../../../api/quantity.ts';
import type { ResourceList } from '../../../../api/podResources.ts';

// Each: why a request or limit breaks a bound, in the server's words; undefined when it does not.

export function minimum(
  type: string,
  name: string,
  bound: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const head = `minimum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  const request = quantity(requests, name);
  const limit = quantity(limits, name);
  if (!request) return `${head}.  No request is specified`;
  if (below(request, bound)) return `${head}, but request is ${text(requests, name)}`;
  if (limit && below(limit, bound)) return `${head}, but limit is ${text(limits, name)}`;
  return undefined;
}

export function maximum(
  type: string,
  name: string,
  bound: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  const request = quantity(requests, name);
  const limit = quantity(limits, name);
  if (!limit) return `${head}.  No limit is specified`;
  if (above(limit, bound)) return `${head}, but limit is ${text(limits, name)}`;
  if (request && above(request, bound)) return `${head}, but request is ${text(requests, name)}`;
  return undefined;
}

export function maximumRequest(
  type: string,
  name: string,
  bound: string,
  requests: ResourceList,
): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  const request = quantity(requests, name);
  if (!request) return `${head}.  No request is specified`;
  return above(request, bound) ? `${head}, but request is ${text(requests, name)}` : undefined;
}

export function ratio(
  type: string,
  name: string,
  bound: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(bound)}`;
  const request = quantity(requests, name);
  const limit = quantity(limits, name);
  if (!request || request.nanos === 0n)
    return `${head}, but no request is specified or request is 0`;
  if (!limit || limit.nanos === 0n) return `${head}, but no limit is specified or limit is 0`;
  const observed = Number(limit.nanos) / Number(request.nanos);
  const allowed = Number(parseQuantity(bound).nanos) / 1e9;
  return observed > allowed ? `${head}, but provided ratio is ${observed.toFixed(6)}` : undefined;
}

const quantity = (list: ResourceList, name: string): Quantity | undefined => {
  const value = list[name];
  return value === undefined ? undefined : parseQuantity(value);
};

const text = (list: ResourceList, name: string): string => canonicalQuantity(list[name] ?? '0');
const below = (value: Quantity, bound: string): boolean =>
  compareQuantities(value, parseQuantity(bound)) < 0;
const above = (value: Quantity, bound: string): boolean =>
  compareQuantities(value, parseQuantity(bound)) > 0;
