import { encodeUtf8 } from '../../../base/bytes.ts';
/** The layouts of metav1.Time and metav1.MicroTime. */
export const layouts = {
  time: '2006-01-02T15:04:05Z07:00',
  microTime: '2006-01-02T15:04:05.000000Z07:00',
} as const;

interface Element {
  readonly layout: string;
  readonly pattern: RegExp;
}

const digits = (count: number) => new RegExp(`\\d{${count}}`, 'y');
const literal = (text: string) => new RegExp(text, 'y');

const elements = (isMicro: boolean): readonly Element[] => [
  { layout: '2006', pattern: digits(4) },
  { layout: '-', pattern: literal('-') },
  { layout: '01', pattern: digits(2) },
  { layout: '-', pattern: literal('-') },
  { layout: '02', pattern: digits(2) },
  { layout: 'T', pattern: literal('T') },
  { layout: '15', pattern: digits(2) },
  { layout: ':', pattern: literal(':') },
  { layout: '04', pattern: digits(2) },
  { layout: ':', pattern: literal(':') },
  { layout: '05', pattern: digits(2) },
  ...(isMicro
    ? [{ layout: '.000000', pattern: /\.\d{6}/y }]
    : [{ layout: '', pattern: /(?:[.,]\d+)?/y }]),
  { layout: 'Z07:00', pattern: /Z|[+-]\d\d:\d\d/y },
];

/** What Go says of a text that is no time in the layout; undefined when it is one. Models time.Parse. */
export function timeProblem(text: string, layout: string): string | undefined {
  const shown = quote(text);
  let at = 0;
  for (const element of elements(layout === layouts.microTime)) {
    element.pattern.lastIndex = at;
    if (!element.pattern.test(text))
      return `parsing time ${shown} as ${JSON.stringify(layout)}: cannot parse ${quote(text.slice(at))} as ${JSON.stringify(element.layout)}`;
    at = element.pattern.lastIndex;
    const value = Number(text.slice(at - 2, at));
    const isOut =
      (element.layout === '01' && (value < 1 || value > 12) && 'month') ||
      (element.layout === '15' && value > 23 && 'hour') ||
      (element.layout === '04' && value > 59 && 'minute') ||
      (element.layout === '05' && value > 59 && 'second');
    if (isOut) return `parsing time ${shown}: ${isOut} out of range`;
  }
  if (at < text.length) return `parsing time ${shown}: extra text: ${quote(text.slice(at))}`;
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const isDay =
    day !== undefined &&
    day >= 1 &&
    day <= new Date(Date.UTC(year ?? 0, month ?? 1, 0)).getUTCDate();
  return isDay ? undefined : `parsing time ${shown}: day out of range`;
}

/** Models the quote of Go's time package: all but printable ASCII as bytes. */
function quote(text: string): string {
  const plain = text.replace(/["\\]/g, '\\$&');
  return `"${plain.replace(/[^\x20-\x7f]/gu, (char) =>
    Array.from(encodeUtf8(char), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  )}"`;
}
