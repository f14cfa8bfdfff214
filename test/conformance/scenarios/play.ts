import { ApiClient } from '../../../src/sim/client/apiClient.ts';
import { Scheduler } from '../../../src/sim/scheduler/scheduler.ts';
import { ScenarioServer } from '../../support/scenarioServer.ts';
import { percentOf, type Figures } from '../ratchet.ts';
import { compare, noAgreement, type Agreement, type Comparison } from './compare.ts';
import { addNode, beat } from './playedKubelet.ts';
import { Run } from './run.ts';
import type { NodeTemplate, Scenario } from './scenario.ts';

export interface PlayedScenario {
  readonly scenario: Scenario;
  readonly result: Comparison;
}

/** Plays a scenario on a control plane of its own, without real kubelets, in virtual time. */
export async function playScenario(scenario: Scenario): Promise<PlayedScenario> {
  const server = new ScenarioServer({ components: [scheduler] });
  await server.start();
  if (!Array.isArray(scenario.nodes)) {
    for (const node of threeNodes) await addNode(server, node);
    const names = threeNodes.map(({ metadata }) => metadata.name);
    server.every(10_000, () => beat(server, names));
    await server.sleep(1500);
  }
  try {
    return { scenario, result: compare(scenario, await new Run(server, scenario).play()) };
  } catch (error) {
    const result = compare(scenario, []);
    result.notes.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { scenario, result };
  }
}

const threeNodes: readonly NodeTemplate[] = ['a', 'b', 'c'].map((zone, index) => ({
  metadata: {
    name: `node-${index + 1}`,
    labels: { 'topology.kubernetes.io/zone': `zone-${zone}` },
  },
  status: { capacity: { pods: '1000', cpu: '64', memory: '256Gi' } },
}));

const scheduler = ({ api, loop, random, trace }: ScenarioServer): Scheduler =>
  new Scheduler({
    client: new ApiClient(api, {
      component: 'scheduler',
      user: { name: 'system:kube-scheduler', groups: [] },
      userAgent: 'kube-scheduler/v1.36.3 (linux/amd64)',
    }),
    clock: loop,
    trace,
    random: random.fork('scheduler'),
  });

/** Percentages by area, for the ratchet. */
export function agreement(played: readonly PlayedScenario[]): Figures {
  return Object.fromEntries(
    areasOf(played).map(([area, list]) => {
      const sum = total(list);
      return [
        area,
        {
          writes: percentOf(sum.matched, sum.writes),
          order: percentOf(sum.ordersHeld, sum.orders),
          events: percentOf(sum.eventsMatched, sum.events),
          states: percentOf(sum.statesMatched, sum.states),
          answers: percentOf(sum.responsesMatched, sum.responses),
          fully: percentOf(list.filter(({ result }) => result.isFull).length, list.length),
        },
      ];
    }),
  );
}

/** The table by area, and at most `show` notes a scenario that does not agree. */
export function report(played: readonly PlayedScenario[], show: number): string {
  const out = played
    .filter(({ result }) => !result.isFull)
    .flatMap(({ scenario, result }) =>
      show > 0
        ? [
            `${scenario.area}/${scenario.id}: writes ${result.matched}/${result.writes} unexpected ${result.unexpected}`,
            ...result.notes.slice(0, show).map((note) => `    ${note}`),
          ]
        : [],
    );
  const figures = agreement(played);
  for (const [area, list] of areasOf(played)) {
    const columns = Object.entries(figures[area] ?? {}).map(
      ([name, figure]) => `${name} ${figure.toFixed(1).padStart(5)}%`,
    );
    out.push(
      `${area.padEnd(22)} ${String(list.length).padStart(3)} scenarios  ${columns.join('  ')}  unexpected ${total(list).unexpected}`,
    );
  }
  return out.join('\n');
}

function areasOf(played: readonly PlayedScenario[]): [string, readonly PlayedScenario[]][] {
  const areas = [...new Set(played.map(({ scenario }) => scenario.area))].sort();
  return [
    ...areas.map((area): [string, PlayedScenario[]] => [
      area,
      played.filter(({ scenario }) => scenario.area === area),
    ]),
    ['total', played],
  ];
}

function total(list: readonly PlayedScenario[]): Agreement {
  const sum = noAgreement();
  for (const { result } of list)
    for (const key of Object.keys(sum) as (keyof Agreement)[]) sum[key] += result[key];
  return sum;
}
