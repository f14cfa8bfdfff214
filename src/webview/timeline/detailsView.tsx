import type { CauseStep, DiffLine } from '../../protocol/timeline.ts';
import type { TimelineState } from './state.ts';

/** Who, why, what changed, and what followed, of the selected event. */
export function DetailsView({ state }: { readonly state: TimelineState }) {
  const details = state.details.value;
  if (!details) return <aside class="details" aria-label={state.t('details')} />;
  return (
    <aside class="details" aria-label={state.t('details')}>
      <p class="who">{details.who}</p>
      <h2>{details.sentence}</h2>
      {details.diff && <Diff title={details.diff.title} lines={details.diff.lines} />}
      {details.key && (
        <p class="actions">
          <button type="button" onClick={() => state.openDiff()}>
            {state.t('openDiff')}
          </button>
          <button type="button" class="secondary" onClick={() => state.openKey()}>
            {state.t('openKey')}
          </button>
        </p>
      )}
      <Steps title={state.t('why')} steps={details.why} state={state} />
      <Steps title={state.t('alsoBecause')} steps={details.also} state={state} />
      <Steps title={state.t('leadsTo')} steps={details.leadsTo} state={state} />
      {details.facts.length > 0 && (
        <section>
          <h3>{state.t('facts')}</h3>
          <dl>
            {details.facts.map(({ name, value }) => (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ))}
          </dl>
        </section>
      )}
    </aside>
  );
}

function Steps({
  title,
  steps,
  state,
}: {
  readonly title: string;
  readonly steps: readonly CauseStep[];
  readonly state: TimelineState;
}) {
  if (!steps.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ol class="steps">
        {steps.map((step) => (
          <li>
            <button type="button" class="link" onClick={() => state.select(step.id)}>
              {!names(step.sentence, step.who) && <span class="by">{step.who} </span>}
              {step.sentence}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Whether a sentence says who acts: `The kubelet of node-1 …` of `kubelet node-1`. */
const names = (sentence: string, who: string): boolean =>
  sentence.toLowerCase().includes((who.split(' ', 1)[0] ?? '').toLowerCase());

const words: Readonly<Record<DiffLine['sign'], string>> = { '+': 'added', '-': 'removed', ' ': '' };

function Diff({ title, lines }: { readonly title: string; readonly lines: readonly DiffLine[] }) {
  if (!lines.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      <pre class="diff" tabIndex={0}>
        {lines.map(({ sign, text }) => (
          <div class={words[sign]}>
            <span aria-hidden="true">{sign} </span>
            {sign !== ' ' && <span class="visually-hidden">{words[sign]}: </span>}
            {text}
          </div>
        ))}
      </pre>
    </section>
  );
}
