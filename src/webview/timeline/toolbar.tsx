import type { ComponentChildren } from 'preact';
import { formatDuration } from './time.ts';
import type { TimelineState } from './state.ts';

export function Toolbar({ state }: { readonly state: TimelineState }) {
  const { t } = bound(state);
  const count = state.layout.value?.placed.length ?? 0;
  const current = state.current.value;
  const model = state.model.value;
  const allOpen = (model?.items ?? []).every(
    (item) => item.parent === undefined || state.open.value.has(item.parent),
  );
  return (
    <div class="toolbar" role="toolbar" aria-label={t('toolbar')}>
      <div class="group">
        <IconButton
          icon="debug-reverse-continue"
          label={t('first')}
          onClick={() => state.toFirst()}
        />
        <IconButton icon="debug-step-back" label={t('back')} onClick={() => state.step(-1)} />
        <IconButton
          icon={state.playing.value ? 'debug-pause' : 'debug-start'}
          label={state.playing.value ? t('pause') : t('play')}
          onClick={() => (state.playing.value = !state.playing.value)}
        />
        <IconButton icon="debug-step-over" label={t('forward')} onClick={() => state.step(1)} />
        <IconButton icon="debug-continue" label={t('last')} onClick={() => state.toLast()} />
      </div>
      <div class="where" title={t('stepTitle')}>
        <span class="step">
          {current ? current.step + 1 : '–'} / {count}
        </span>
        <span class="time">{current ? `+${formatDuration(current.item.time)}` : ''}</span>
      </div>
      <div class="group">
        <IconButton
          icon="arrow-up"
          label={t('cause')}
          disabled={current?.item.cause === undefined}
          onClick={() => state.toCause()}
        />
        <IconButton
          icon="arrow-down"
          label={t('effect')}
          disabled={!state.effects.value.get(state.selected.value ?? -1)}
          onClick={() => state.toEffect()}
        />
      </div>
      <h1 class="title" title={model?.title}>
        {model?.title}
        {model?.truncated && <span class="note"> {t('truncated')}</span>}
      </h1>
      <div class="group">
        <label class="pace">
          <span class="visually-hidden">{t('pace')}</span>
          <select
            value={String(state.pace.value)}
            onChange={(event) => (state.pace.value = Number(event.currentTarget.value))}
          >
            {[1, 2, 4, 10, 30].map((pace) => (
              <option value={String(pace)}>{t('paceValue').replace('{0}', String(pace))}</option>
            ))}
          </select>
        </label>
        <IconButton
          icon={allOpen ? 'collapse-all' : 'expand-all'}
          label={allOpen ? t('collapseAll') : t('expandAll')}
          onClick={() => state.setAllOpen(!allOpen)}
        />
        <IconButton
          icon={state.axis.value === 'story' ? 'clock' : 'list-ordered'}
          label={state.axis.value === 'story' ? t('axisScale') : t('axisStory')}
          onClick={() => (state.axis.value = state.axis.value === 'story' ? 'scale' : 'story')}
        />
        <IconButton icon="zoom-out" label={t('zoomOut')} onClick={() => state.zoomBy(0.8)} />
        <IconButton icon="zoom-in" label={t('zoomIn')} onClick={() => state.zoomBy(1.25)} />
        <IconButton
          icon={state.view.value === 'lanes' ? 'list-tree' : 'graph-line'}
          label={state.view.value === 'lanes' ? t('showTree') : t('showLanes')}
          onClick={() => (state.view.value = state.view.value === 'lanes' ? 'tree' : 'lanes')}
        />
        <IconButton icon="refresh" label={t('refresh')} onClick={() => state.refresh()} />
      </div>
    </div>
  );
}

const bound = (state: TimelineState) => ({ t: (key: string) => state.t(key) });

interface IconButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children?: ComponentChildren;
}

export function IconButton({ icon, label, disabled = false, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon"
      title={label}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <i class={`codicon codicon-${icon}`} aria-hidden="true" />
    </button>
  );
}
