// Plays the recorded sequences in process. Usage: node test/conformance/sequences.ts [--only REGEX] [--show N]
import { parseArgs } from 'node:util';
import { InProcessApi } from './inProcessApi.ts';
import { playSequence, report, type Played } from './sequences/play.ts';
import { readSequences } from './sequences/sequence.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, show: { type: 'string', default: '5' } },
});

const only = new RegExp(values.only);
const api = await InProcessApi.boot();
const played: Played[] = [];
for (const sequence of readSequences())
  if (only.test(`${sequence.area}/${sequence.id}`))
    played.push(await playSequence(sequence, api.exchange));
console.log(report(played, Number(values.show)));
