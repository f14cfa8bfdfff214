/** Gives a member a value; without one the member goes. */
export function setOrDelete<T extends object, K extends keyof T>(
  object: T,
  key: K,
  value: T[K] | undefined,
): void {
  if (value === undefined) delete object[key];
  else object[key] = value;
}
