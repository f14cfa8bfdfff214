/** Microseconds as a person says them: `40 µs`, `1.5 ms`, `2.1 s`, `3 min 20 s`. */
export function formatDuration(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 1_000_000) return `${trim(micros / 1000)} ms`;
  if (micros < 60_000_000) return `${trim(micros / 1_000_000)} s`;
  const minutes = Math.floor(micros / 60_000_000);
  const seconds = Math.round((micros % 60_000_000) / 1_000_000);
  return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

const trim = (value: number): string =>
  value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
