import fs from 'node:fs';
import path from 'node:path';

/** Percentages by area and column, as a player measured them; `total` is an area too. */
export type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

type Ratchet = Record<string, Record<string, Record<string, number>>>;

const file = path.join(import.meta.dirname, 'ratchet.json');

/** Down to one decimal: 99.96 is not yet 100.0. */
export const tenths = (percent: number): number => Math.floor(percent * 10 + 1e-6) / 10;

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : tenths((100 * part) / whole);
}

/**
 * What has fallen below the recorded figures, a sentence each. An area that was not measured is no fall: a set may be
 * played in parts. With UPDATE_RATCHET=1 better figures are recorded; worse ones never are.
 */
export function fallen(set: string, measured: Figures): string[] {
  const ratchet = JSON.parse(fs.readFileSync(file, 'utf8')) as Ratchet;
  const recorded = ratchet[set] ?? {};
  if (process.env.UPDATE_RATCHET === '1') {
    ratchet[set] = raised(recorded, measured);
    fs.writeFileSync(file, textOf(ratchet));
  }
  return Object.entries(recorded).flatMap(([area, columns]) =>
    Object.entries(columns).flatMap(([column, atLeast]) => {
      const found = measured[area]?.[column];
      if (found === undefined || tenths(found) >= atLeast) return [];
      return [`${set}/${area}: ${column} fell from ${atLeast}% to ${tenths(found)}%`];
    }),
  );
}

export function raised(
  recorded: Figures,
  measured: Figures,
): Record<string, Record<string, number>> {
  const areas = [...new Set([...Object.keys(recorded), ...Object.keys(measured)])];
  const rank = (area: string) => (area === 'total' ? `1${area}` : `0${area}`);
  areas.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return Object.fromEntries(
    areas.map((area) => {
      const columns = { ...recorded[area] };
      for (const [column, percent] of Object.entries(measured[area] ?? {}))
        columns[column] = Math.max(columns[column] ?? 0, tenths(percent));
      return [area, columns];
    }),
  );
}

/** A line for each area, so that a change of one is a change of one line. */
function textOf(ratchet: Ratchet): string {
  const block = (areas: Record<string, Record<string, number>>): string =>
    Object.entries(areas)
      .map(([area, columns]) => {
        const cells = Object.entries(columns).map(([name, figure]) => `"${name}": ${figure}`);
        return `    ${JSON.stringify(area)}: { ${cells.join(', ')} }`;
      })
      .join(',\n');
  const sets = Object.entries(ratchet)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([set, areas]) => `  ${JSON.stringify(set)}: {\n${block(areas)}\n  }`);
  return `{\n${sets.join(',\n')}\n}\n`;
}
