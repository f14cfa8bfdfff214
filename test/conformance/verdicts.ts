// Replays the recorded verdicts in process. Usage: node test/conformance/verdicts.ts [--area REGEX] [--id ID] [--show N]
import { parseArgs } from 'node:util';
import { InProcessApi } from './inProcessApi.ts';
import { replay, report, setUpWorlds } from './verdicts/replay.ts';

const { values } = parseArgs({
  options: {
    area: { type: 'string' },
    id: { type: 'string' },
    show: { type: 'string', default: '5' },
  },
});

const api = await InProcessApi.boot();
for (const failure of await setUpWorlds(api.send)) console.error(`world: ${failure}`);
await api.elapse(60);
const results = await replay(api.send, {
  ...(values.area !== undefined && { area: new RegExp(`^(?:${values.area})$`) }),
  ...(values.id !== undefined && { id: values.id }),
});
console.log(report(results, Number(values.show)));
