/** Who owns what a write sets: the fieldManager parameter, or the first word of the user agent. Models handlers managerOrUserAgent. */
export function managerOf(fieldManager: string, userAgent: string): string {
  if (fieldManager) return fieldManager;
  const prefix = userAgent.split('/')[0] ?? '';
  let name = '';
  for (const char of prefix) {
    if (name.length >= 128) break;
    if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) name += char;
  }
  return name;
}
