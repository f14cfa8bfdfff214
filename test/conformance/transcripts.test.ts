import assert from 'node:assert/strict';
import { fallen, type Figures } from './ratchet.ts';
import { agreement, playTranscript, report, type PlayedTranscript } from './transcripts/play.ts';
import { findClients, openStage } from './transcripts/stage.ts';
import { readTranscripts } from './transcripts/transcript.ts';

/** Those that run with every `npm test`; TRANSCRIPTS=. plays all of them, in about ten minutes. */
const wanted = new RegExp(process.env.TRANSCRIPTS ?? '^(lab|etcd|etcd-alone)/');

/** How long a step that needs waiting for is tried again. */
const patienceMs = 8000;

/** Ten times as fast as real: nobody waits long for images that are pulled. */
const speed = 10;

describe('conformance: what the real clients print', () => {
  it('transcripts: kubectl and etcdctl on a cluster in this process', async function () {
    this.timeout(1_800_000);
    const { programs, missing } = findClients();
    const lacking = ['kubectl', 'etcdctl', 'etcdutl'].filter((name) => missing.includes(name));
    if (lacking.length) {
      console.log(`skipped: no ${lacking.join(', no ')} of the version wanted on this machine`);
      this.skip();
    }
    const { stage, dispose } = await openStage(programs, speed);
    const transcripts = readTranscripts().filter(
      ({ id, area }) => wanted.test(`${area}/${id}`) && (area !== 'helm' || programs['helm']),
    );
    // The etcd that may be spoilt is nobody else's: its transcripts, which mostly wait, are played meanwhile.
    const alone = transcripts.filter(({ area }) => area === 'etcd-alone');
    const others = transcripts.filter((transcript) => !alone.includes(transcript));
    const played: PlayedTranscript[] = [];
    const play = async (list: typeof transcripts): Promise<void> => {
      for (const one of list) played.push(await playTranscript(one, stage, patienceMs));
    };
    try {
      await Promise.all([play(alone), play(others)]);
    } finally {
      dispose();
    }
    console.log(`\n${report(played, 0)}`);
    const figures: Record<string, Figures[string]> = { ...agreement(played) };
    if (process.env.TRANSCRIPTS === undefined) delete figures['total'];
    assert.deepEqual(fallen('transcripts', figures), []);
    for (const area of ['lab', 'etcd'])
      if (figures[area])
        assert.ok((figures[area]['steps'] ?? 0) >= 95, `${area}: wanted are 95% of steps`);
  });
});
