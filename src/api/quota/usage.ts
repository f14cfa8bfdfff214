import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  subtractQuantities,
  zeroQuantity,
} from '../quantity.ts';
import type { ResourceList } from '../podResources.ts';

// Sums of resource lists. Models apiserver/pkg/quota/v1/resources.go.

export function add(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const has = sum[name];
    sum[name] =
      has === undefined
        ? formatQuantity(parseQuantity(value))
        : formatQuantity(addQuantities(parseQuantity(has), parseQuantity(value)));
  }
  return sum;
}

/** `a` less `b`, but nothing below zero. */
export function nonNegativeDifference(a: ResourceList, b: ResourceList): ResourceList {
  const result: ResourceList = {};
  for (const [name, value] of Object.entries(a)) {
    const difference = subtractQuantities(parseQuantity(value), parseQuantity(b[name] ?? '0'));
    result[name] =
      compareQuantities(difference, zeroQuantity) < 0 ? '0' : formatQuantity(difference);
  }
  return result;
}

export const withoutZeros = (list: ResourceList): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([, value]) => parseQuantity(value).nanos !== 0n));
