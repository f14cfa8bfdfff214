/** `4.2 MB`, in powers of ten as etcdctl has them. */
export function formatBytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `1.2 ms`, `3 s`: seconds with two digits that count. */
export function formatSeconds(seconds: number): string {
  const [value, unit] = seconds >= 1 ? [seconds, 's'] : [seconds * 1000, 'ms'];
  return `${Number(value.toPrecision(value >= 100 ? 3 : 2))} ${unit}`;
}
