// Plays the recorded transcripts with the real kubectl, etcdctl and helm on a cluster in this process.
// Usage: node test/conformance/transcripts.ts [--only REGEX] [--show N] [--speed real|max|FACTOR] [--patience SECONDS]
import { parseArgs } from 'node:util';
import { playTranscript, report, type PlayedTranscript } from './transcripts/play.ts';
import { findClients, openStage } from './transcripts/stage.ts';
import { readTranscripts } from './transcripts/transcript.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    show: { type: 'string', default: '5' },
    speed: { type: 'string', default: 'real' },
    patience: { type: 'string', default: '20' },
    times: { type: 'boolean', default: false },
  },
});

const { programs, missing } = findClients();
if (missing.length) console.error(`not on this machine: ${missing.join(', ')}`);
const speed =
  values.speed === 'real' || values.speed === 'max' ? values.speed : Number(values.speed);
const { stage, dispose } = await openStage(programs, speed);
const only = new RegExp(values.only);
const played: PlayedTranscript[] = [];
for (const transcript of readTranscripts()) {
  if (!only.test(`${transcript.area}/${transcript.id}`)) continue;
  const start = performance.now();
  played.push(await playTranscript(transcript, stage, Number(values.patience) * 1000));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (values.times) console.log(`${transcript.id}: ${seconds} s, ${transcript.steps.length} steps`);
}
console.log(report(played, Number(values.show)));
dispose();
