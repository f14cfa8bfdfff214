import { differences } from '../verdicts/verdict.ts';
import { includes, isObject, wild } from './normal.ts';
import { expectations, type Item, type Outcome, type Scenario } from './scenario.ts';

/** How many of each there were, and how many agreed. */
export interface Agreement {
  writes: number;
  matched: number;
  events: number;
  eventsMatched: number;
  states: number;
  statesMatched: number;
  orders: number;
  ordersHeld: number;
  responses: number;
  responsesMatched: number;
  unexpected: number;
}

export interface Comparison extends Agreement {
  /** A sentence a disagreement. */
  readonly notes: string[];
  readonly isFull: boolean;
}

export const noAgreement = (): Agreement => ({
  writes: 0,
  matched: 0,
  events: 0,
  eventsMatched: 0,
  states: 0,
  statesMatched: 0,
  orders: 0,
  ordersHeld: 0,
  responses: 0,
  responsesMatched: 0,
  unexpected: 0,
});

/** Compares what followed each step of a scenario with what was recorded. */
export function compare(scenario: Scenario, actual: readonly Outcome[]): Comparison {
  const sum = noAgreement();
  const notes: string[] = [];
  for (const [index, want] of expectations(scenario).entries()) {
    const note = (text: string) => notes.push(`step ${index + 1}: ${text}`);
    const got = actual[index];
    if (!got) {
      note('not played');
      sum.writes += want.writes.length;
      continue;
    }
    compareResponses(want, got, sum, note);
    compareWrites(want, got, sum, note);
    compareEvents(want, got, sum, note);
    compareStates(want, got, sum, note);
  }
  const isFull =
    sum.matched === sum.writes &&
    sum.eventsMatched === sum.events &&
    sum.statesMatched === sum.states &&
    sum.ordersHeld === sum.orders &&
    sum.responsesMatched === sum.responses &&
    sum.unexpected === 0;
  return { ...sum, notes, isFull };
}

type Want = ReturnType<typeof expectations>[number];
type Note = (text: string) => void;

function compareResponses(want: Want, got: Outcome, sum: Agreement, note: Note): void {
  for (const [i, response] of want.responses.entries()) {
    sum.responses++;
    if (includes(got.responses[i], response)) sum.responsesMatched++;
    else note(`answer ${i + 1}: want ${text(response)} got ${text(got.responses[i])}`);
  }
}

function compareWrites(want: Want, got: Outcome, sum: Agreement, note: Note): void {
  const { found, extra } = match(want.writes, got.writes, identity);
  sum.writes += want.writes.length;
  for (const [i, write] of want.writes.entries()) {
    if (found[i] !== undefined) {
      sum.matched++;
      continue;
    }
    const near = extra.find((other) => identity(other) === identity(write));
    note(`missing write: ${short(write)}${near ? unlike(write, near) : ''}`);
  }
  for (const write of extra) {
    if (want.mayAlso?.includes(className(write)) || write['code'] === 409) continue;
    sum.unexpected++;
    note(`unexpected write: ${short(write)} ${text(write['message'] ?? write['change'])}`);
  }
  const pairs =
    want.order === 'total'
      ? want.writes.slice(1).map((_, i) => [i, i + 1] as const)
      : (want.before ?? []);
  for (const [first, then] of pairs) {
    const [a, b] = [found[first], found[then]];
    if (a === undefined || b === undefined) continue;
    sum.orders++;
    if (a < b) sum.ordersHeld++;
    else note(`order: ${short(want.writes[first])} must come before ${short(want.writes[then])}`);
  }
}

function compareEvents(want: Want, got: Outcome, sum: Agreement, note: Note): void {
  const { found, extra } = match(want.events, got.events, eventIdentity);
  sum.events += want.events.length;
  for (const [i, event] of want.events.entries()) {
    if (found[i] !== undefined) {
      sum.eventsMatched++;
      continue;
    }
    const isNear = (other: Item) =>
      other['reason'] === event['reason'] &&
      wild(text(other['object'])) === wild(text(event['object']));
    const near = got.events.find(isNear);
    note(`missing event: ${text(event)}${near ? unlike(event, near) : ''}`);
  }
  for (const event of extra) {
    const kind = `${event['by'] as string} ${event['reason'] as string}`;
    if (want.mayAlsoEvents?.includes(kind)) continue;
    sum.unexpected++;
    note(`unexpected event: ${kind} ${text(event['object'])}: ${text(event['message'])}`);
  }
}

function compareStates(want: Want, got: Outcome, sum: Agreement, note: Note): void {
  const { found } = match(want.state, got.state, stateIdentity);
  sum.states += want.state.length;
  for (const [i, state] of want.state.entries()) {
    if (found[i] !== undefined) {
      sum.statesMatched++;
      continue;
    }
    const near = got.state.find((other) => stateIdentity(other) === stateIdentity(state));
    const how = near ? unlike(state, near) : ': it is not there';
    note(`state differs: ${text(state['kind'])} ${text(state['name'])}${how}`);
  }
}

/**
 * Pairs what was expected with what there was: first those that agree in all, then those that agree but for numbers,
 * then those of which only some fields were recorded. `found` has the place of each in `actual`.
 */
function match(
  expected: readonly Item[],
  actual: readonly Item[],
  identityOf: (item: Item) => string,
): { found: (number | undefined)[]; extra: Item[] } {
  const taken = new Set<number>();
  const found: (number | undefined)[] = expected.map(() => undefined);
  const signatures = actual.map(signature);
  const wilds = signatures.map(wild);
  const pass = (loose: Item['loose'], equal: (item: Item, index: number) => boolean): void => {
    for (const [i, item] of expected.entries()) {
      if (found[i] !== undefined || item.loose !== loose) continue;
      const index = actual.findIndex((_, at) => !taken.has(at) && equal(item, at));
      if (index < 0) continue;
      taken.add(index);
      found[i] = index;
    }
  };
  pass(undefined, (item, at) => signature(item) === signatures[at]);
  pass('alias', (item, at) => wild(signature(item)) === wilds[at]);
  pass('partial', (item, at) => {
    const other = actual[at];
    if (!other || identityOf(item) !== identityOf(other)) return false;
    return includes(wildcard(other), wildcard(item));
  });
  return { found, extra: actual.filter((_, at) => !taken.has(at)) };
}

/** Where two differ, a line each. */
const unlike = (want: Item, got: Item): string =>
  differences(plain(want), plain(got))
    .map((line) => `\n      ${line}`)
    .join('');

const plain = (item: Item): object => ({ ...item, loose: undefined });
const wildcard = (item: Item): unknown => JSON.parse(wild(JSON.stringify(plain(item))));
const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const signature = (item: Item): string =>
  JSON.stringify(plain(item), (_, value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

const identity = (write: Item): string =>
  wild(
    JSON.stringify([
      write['by'],
      write['verb'],
      write['group'] ?? '',
      write['resource'],
      write['subresource'] ?? '',
      write['name'],
      write['code'] ?? 0,
      write['dryRun'] ?? false,
    ]),
  );

const eventIdentity = ({ by, type, reason, object }: Item): string =>
  wild(JSON.stringify([by, type, reason, object]));

const stateIdentity = ({ kind, name }: Item): string => wild(JSON.stringify([kind, name]));

const resourceOf = (write: Item | undefined): string =>
  `${text(write?.['resource'])}${write?.['subresource'] ? `/${text(write['subresource'])}` : ''}`;

const short = (write: Item | undefined): string =>
  [write?.['by'], write?.['verb'], resourceOf(write), write?.['name'], write?.['code'] ?? '']
    .join(' ')
    .trim();

const className = (write: Item): string =>
  [write['by'], write['verb'], write['resource'], write['subresource'] ?? ''].join(' ');
