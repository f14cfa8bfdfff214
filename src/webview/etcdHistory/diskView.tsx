import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatBytes, formatSeconds } from '../../base/format.ts';
import type { Disk, Sample } from '../../protocol/etcdHistory.ts';
import {
  areaPath,
  barsPath,
  durationY,
  linePath,
  nearest,
  niceTop,
  side,
  spanSeconds,
  xOf,
  yOf,
} from './plot.ts';
import type { HistoryState } from './state.ts';

/** Above this, etcd's own advice says, a disk is too slow for it. */
const slowSync = 0.01;

interface Props {
  readonly state: HistoryState;
  readonly disk: Disk;
}

/** What etcd has on its disk, and how long the disk takes. */
export function DiskView({ state, disk }: Props) {
  const { samples } = disk;
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  if (!samples.length) return <p class="muted">{state.t('noSamples')}</p>;
  const index = Math.min(pointed ?? samples.length - 1, samples.length - 1);
  const shared = { state, samples, index, isPointed: pointed !== undefined, onPoint: setPointed };
  return (
    <div class="charts">
      <Size {...shared} disk={disk} />
      <Fsync {...shared} />
    </div>
  );
}

interface ChartProps {
  readonly state: HistoryState;
  readonly samples: readonly Sample[];
  /** The sample whose values are told. */
  readonly index: number;
  readonly isPointed: boolean;
  readonly onPoint: (index: number | undefined) => void;
}

function Size(props: ChartProps & { readonly disk: Disk }) {
  const { state, samples, index, disk } = props;
  const { quotaBytes, isFull } = disk;
  const shown = samples[index];
  if (!shown) return null;
  const sizes = samples.map(({ dbSize }) => dbSize);
  const highest = Math.max(...sizes);
  // A quota that is far away would press everything to the bottom.
  const showsQuota = highest * 2 > quotaBytes;
  const top = niceTop(showsQuota ? Math.max(highest, quotaBytes) : highest);
  const value = state.t('sizeNow', formatBytes(shown.dbSize), formatBytes(shown.dbSizeInUse));
  const percent = `${Number(((shown.dbSize / quotaBytes) * 100).toPrecision(2))} %`;
  const ofQuota = state.t('sizeOf', percent, formatBytes(quotaBytes));
  return (
    <Chart
      {...props}
      name={state.t('size')}
      value={
        <>
          <i class="swatch allocated" aria-hidden="true" />
          {formatBytes(shown.dbSize)}
          <i class="swatch in-use" aria-hidden="true" />
          {state.t('inUse', formatBytes(shown.dbSizeInUse))}
        </>
      }
      label={`${state.t('sizeLabel', value, formatBytes(Math.min(...sizes)), formatBytes(highest))} ${ofQuota}`}
      top={formatBytes(top)}
      note={isFull ? <strong class="error">{state.t('full')}</strong> : ofQuota}
    >
      <path class="in-use" d={areaPath(samples, ({ dbSizeInUse }) => dbSizeInUse, top)} />
      <path class="in-use-line" d={linePath(samples, ({ dbSizeInUse }) => dbSizeInUse, top)} />
      <path class="allocated" d={linePath(samples, ({ dbSize }) => dbSize, top)} />
      {showsQuota && <path class="limit" d={`M0,${yOf(quotaBytes, top)}H${side}`} />}
    </Chart>
  );
}

function Fsync(props: ChartProps) {
  const { state, samples, index } = props;
  const shown = samples[index];
  if (!shown) return null;
  const words = (seconds: number) => (seconds > 0 ? formatSeconds(seconds) : state.t('fsyncNone'));
  const measured = samples.map(({ fsyncP99 }) => fsyncP99).filter((it) => it > 0);
  const value = words(shown.fsyncP99);
  const [lowest, highest] = [Math.min(...measured), Math.max(...measured)];
  return (
    <Chart
      {...props}
      name={state.t('fsync')}
      value={value}
      label={
        measured.length
          ? state.t('fsyncLabel', value, words(lowest), words(highest))
          : `${state.t('fsync')}: ${value}`
      }
      top="1 s"
      note={state.t('fsyncAdvice')}
    >
      <path class="limit" d={`M0,${durationY(slowSync)}H${side}`} />
      <path class="bars" d={barsPath(samples, (seconds) => seconds <= slowSync)} />
      <path class="bars slow" d={barsPath(samples, (seconds) => seconds > slowSync)} />
    </Chart>
  );
}

function Chart(
  props: ChartProps & {
    readonly name: string;
    readonly value: ComponentChildren;
    /** For those who do not see it. */
    readonly label: string;
    /** What the upper edge stands for. */
    readonly top: string;
    readonly note: ComponentChildren;
    readonly children: ComponentChildren;
  },
) {
  const { state, samples, index, isPointed, onPoint } = props;
  const shown = samples[index];
  const last = samples.at(-1);
  if (!shown || !last) return null;
  const seconds = Math.round((last.time - shown.time) / 1_000_000);
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onPoint(Math.min(Math.max(index + by, 0), samples.length - 1));
  };
  const onMove = ({ currentTarget, clientX }: { currentTarget: Element; clientX: number }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    onPoint(nearest(samples, (clientX - left) / width));
  };
  return (
    <section class="chart">
      <div class="row">
        <span class="name">{props.name}</span>
        <span class="value">{props.value}</span>
      </div>
      <div
        class="plot"
        role="img"
        tabIndex={0}
        aria-label={props.label}
        onKeyDown={onKey}
        onPointerMove={onMove}
        onPointerLeave={() => onPoint(undefined)}
        onBlur={() => onPoint(undefined)}
      >
        <span class="top" aria-hidden="true">
          {props.top}
        </span>
        <svg viewBox={`0 0 ${side} ${side}`} preserveAspectRatio="none" aria-hidden="true">
          {props.children}
          {isPointed && <path class="pointer" d={`M${xOf(samples)(shown)},0V${side}`} />}
        </svg>
      </div>
      <div class="row caption">
        <span>
          {isPointed ? state.t('ago', spanWords(seconds)) : `−${spanWords(spanSeconds(samples))}`}
        </span>
        <span class="note">{props.note}</span>
      </div>
    </section>
  );
}

const spanWords = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
