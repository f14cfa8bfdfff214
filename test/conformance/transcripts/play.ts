import { percentOf, type Figures } from '../ratchet.ts';
import { pause, Session, type Stage } from './session.ts';
import type { Printed, Transcript, TranscriptStep } from './transcript.ts';

export interface PlayedStep {
  readonly step: TranscriptStep;
  readonly actual: Printed;
  readonly agrees: boolean;
}

export interface PlayedTranscript {
  readonly transcript: Transcript;
  readonly steps: readonly PlayedStep[];
}

let counter = 0;

/** Plays a transcript in a namespace of its own; a step that needs waiting for is tried again for `patienceMs`. */
export async function playTranscript(
  transcript: Transcript,
  stage: Stage,
  patienceMs: number,
): Promise<PlayedTranscript> {
  const session = await Session.open(transcript, stage, `t-${Date.now().toString(36)}${counter++}`);
  try {
    const steps: PlayedStep[] = [];
    for (const step of transcript.steps) {
      if (step.skip !== undefined) continue;
      let actual = await session.run(step);
      const deadline = Date.now() + patienceMs;
      while (step.retry && !agrees(step, actual) && Date.now() < deadline) {
        await pause(200);
        actual = await session.run(step);
      }
      steps.push({ step, actual, agrees: agrees(step, actual) });
    }
    return { transcript, steps };
  } finally {
    await session.close();
  }
}

/** A loose step is run for what it does: only its exit status is compared. */
const agrees = (step: TranscriptStep, actual: Printed): boolean =>
  step.exit === actual.exit &&
  (Boolean(step.loose) || (step.stdout === actual.stdout && step.stderr === actual.stderr));

/** Percentages by area, for the ratchet. */
export function agreement(played: readonly PlayedTranscript[]): Figures {
  return Object.fromEntries(
    areasOf(played).map(([area, list]) => {
      const steps = list.flatMap((one) => one.steps);
      return [
        area,
        {
          steps: percentOf(steps.filter((step) => step.agrees).length, steps.length),
          fully: percentOf(list.filter(isFull).length, list.length),
        },
      ];
    }),
  );
}

/** The table by area, and the first `show` steps that do not agree. */
export function report(played: readonly PlayedTranscript[], show: number): string {
  const wrong = played.flatMap(({ transcript, steps }) =>
    steps.filter((step) => !step.agrees).map((step) => ({ id: transcript.id, ...step })),
  );
  const out = wrong.slice(0, show).flatMap(({ id, step, actual }) => {
    const keys = (['exit', 'stdout', 'stderr'] as const).filter((key) => step[key] !== actual[key]);
    return [
      `\n${id}: $ ${step.run}`,
      ...keys.map((key) => `  ${key} there:\n${step[key]}\n  ${key} here:\n${actual[key]}`),
    ];
  });
  const figures = agreement(played);
  for (const [area, list] of areasOf(played)) {
    const steps = list.flatMap((one) => one.steps).length;
    const { steps: agree = 0, fully = 0 } = figures[area] ?? {};
    out.push(
      `${area.padEnd(22)} ${String(list.length).padStart(3)} transcripts ${String(steps).padStart(5)} steps  ${agree.toFixed(1).padStart(5)}% of steps  ${fully.toFixed(1).padStart(5)}% fully`,
    );
  }
  return out.join('\n');
}

const isFull = ({ steps }: PlayedTranscript): boolean => steps.every((step) => step.agrees);

function areasOf(played: readonly PlayedTranscript[]): [string, readonly PlayedTranscript[]][] {
  const areas = [...new Set(played.map(({ transcript }) => transcript.area))].sort();
  return [
    ...areas.map((area): [string, PlayedTranscript[]] => [
      area,
      played.filter(({ transcript }) => transcript.area === area),
    ]),
    ['total', played],
  ];
}
