// Plays the recorded scenarios in process. Usage: node test/conformance/scenarios.ts [--only REGEX] [--show N]
import { parseArgs } from 'node:util';
import { playScenario, report, type PlayedScenario } from './scenarios/play.ts';
import { readScenarios } from './scenarios/scenario.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    show: { type: 'string', default: '4' },
    times: { type: 'boolean', default: false },
  },
});

const only = new RegExp(values.only);
const played: PlayedScenario[] = [];
for (const scenario of readScenarios()) {
  if (!only.test(`${scenario.area}/${scenario.id}`)) continue;
  const start = performance.now();
  played.push(await playScenario(scenario));
  if (values.times) console.log(scenario.id, `${Math.round(performance.now() - start)} ms`);
}
console.log(report(played, Number(values.show)));
