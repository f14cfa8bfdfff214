import { useEffect, useRef } from 'preact/hooks';
import type { Position, RevisionWrite } from '../../protocol/etcdHistory.ts';
import type { HistoryState } from './state.ts';

interface Props {
  readonly state: HistoryState;
  readonly position: Position;
}

/** The revisions: where the key tree stands, and who made that one. */
export function RevisionsView({ state, position }: Props) {
  const { oldest, newest } = position;
  const slider = useRef<HTMLInputElement>(null);
  const focusCount = state.focusCount.value;
  useEffect(() => {
    if (focusCount) slider.current?.focus();
  }, [focusCount]);
  const at = state.wanted.value ?? position.at ?? newest;
  const isNow = at >= newest;
  const share = newest > oldest ? ((at - oldest) / (newest - oldest)) * 100 : 100;
  const told = position.write?.revision === at ? position.write : undefined;
  const spoken = isNow
    ? state.t('sliderNow', state.number(newest))
    : [state.t('sliderAt', state.number(at), state.number(newest)), told?.writer]
        .filter(Boolean)
        .join(', ');
  return (
    <section class="revisions" aria-label={state.t('revisions')}>
      <div class="row">
        <span class="label" aria-hidden="true">
          {state.t('revision')}
        </span>
        <span class="stepper">
          <IconButton
            icon="chevron-left"
            label={state.t('earlier')}
            disabled={at <= oldest}
            onClick={() => state.step(-1)}
          />
          <input
            type="number"
            min={oldest}
            max={newest}
            value={at}
            style={{ width: `${String(newest).length + 2}ch` }}
            aria-label={state.t('revision')}
            onChange={({ currentTarget }) => state.travel(currentTarget.valueAsNumber)}
          />
          <IconButton
            icon="chevron-right"
            label={state.t('later')}
            disabled={isNow}
            onClick={() => state.step(1)}
          />
        </span>
        <span class="of muted">{state.t('revisionOf', state.number(newest))}</span>
        <button
          type="button"
          class="now"
          aria-pressed={isNow}
          title={isNow ? state.t('live') : state.t('toNow')}
          onClick={() => state.toNow()}
        >
          {state.t('now')}
        </button>
      </div>
      <input
        ref={slider}
        class="slider"
        type="range"
        min={oldest}
        max={newest}
        step={1}
        value={at}
        style={{ '--share': `${share}%` }}
        aria-label={state.t('slider')}
        aria-valuetext={spoken}
        onInput={({ currentTarget }) => state.travel(currentTarget.valueAsNumber)}
      />
      <div class="told" aria-live="polite">
        {isNow ? (
          <p class="muted">
            {state.t('live')}
            {oldest > 1 && ` ${state.t('compacted')}`}
          </p>
        ) : (
          told && <Write state={state} write={told} />
        )}
      </div>
    </section>
  );
}

function Write({ state, write }: { readonly state: HistoryState; readonly write: RevisionWrite }) {
  return (
    <>
      <p class="writer">
        {write.event ? (
          <button
            type="button"
            class="link"
            title={state.t('writer')}
            onClick={() => state.openTrace(write.event)}
          >
            {write.writer || state.t('writer')}
          </button>
        ) : (
          <span class="muted">{state.t('noWriter')}</span>
        )}
        {write.age && <span class="age muted">{write.age}</span>}
      </p>
      <ul class="keys">
        {write.keys.map(({ type, key }) => (
          <li>
            <i
              class={`codicon codicon-diff-${type === 'put' ? 'modified' : 'removed'}`}
              aria-hidden="true"
            />
            <button
              type="button"
              class="link key"
              title={state.t('change', key)}
              onClick={() => state.openDiff(key, write.revision)}
            >
              <bdi>{key}</bdi>
            </button>
          </li>
        ))}
        {write.moreKeys > 0 && (
          <li class="muted">{state.t('moreKeys', state.number(write.moreKeys))}</li>
        )}
      </ul>
    </>
  );
}

function IconButton(props: {
  readonly icon: string;
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="icon"
      title={props.label}
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <i class={`codicon codicon-${props.icon}`} aria-hidden="true" />
    </button>
  );
}
