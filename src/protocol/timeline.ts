import type { EventId, StageVerdict } from '../trace/event.ts';

// What the host and the timeline's webview say to each other. Both sides check what they get (check.ts): a webview is
// outside input to the host, and an old webview may meet a new host after an update.

export const protocolVersion = 1;

export type LaneKind =
  'client' | 'apiserver' | 'etcd' | 'controller' | 'scheduler' | 'kubelet' | 'network' | 'cluster';

export interface Lane {
  readonly component: string;
  readonly kind: LaneKind;
  readonly label: string;
}

/** How an item looks; its colour follows from this and from the verdict. */
export type ItemKind =
  | 'request'
  | 'stage'
  | 'response'
  | 'write'
  | 'watch'
  | 'queue'
  | 'reconcile'
  | 'schedule'
  | 'kubelet'
  | 'timer'
  | 'lifecycle';

export type ItemState = StageVerdict | 'failed' | 'ok';

/** A trace event, drawn: a span when `end` is a later item, else a point. Items are in step order. */
export interface Item {
  readonly id: EventId;
  readonly lane: number;
  readonly kind: ItemKind;
  readonly state: ItemState;
  /** Microseconds since the root. */
  readonly time: number;
  /** The last item that belongs to the span; absent for points. */
  readonly end?: EventId;
  /** The item that holds this one: the request of a stage, the cycle of a filter. Hidden while that one is closed. */
  readonly parent?: EventId;
  /** A few words for the bar. */
  readonly label: string;
  /** A sentence in plain words. */
  readonly sentence: string;
  readonly cause?: EventId;
  readonly also?: readonly EventId[];
  /** The etcd revision that this event made. */
  readonly revision?: number;
}

export interface TimelineModel {
  readonly root: EventId;
  /** Which trace this is, over reloads: numbers of events repeat, in the cluster and on the forks of dry-runs. */
  readonly story: string;
  readonly title: string;
  /** Microseconds since the epoch. */
  readonly start: number;
  readonly lanes: readonly Lane[];
  readonly items: readonly Item[];
  /** There are more events than were sent. */
  readonly truncated: boolean;
}

export interface CauseStep {
  readonly id: EventId;
  readonly who: string;
  readonly sentence: string;
}

export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** Everything about one event, asked for when it is selected. */
export interface Details {
  readonly id: EventId;
  readonly who: string;
  readonly sentence: string;
  /** From the event's cause back to the root. */
  readonly why: readonly CauseStep[];
  /** Other causes that it stands for as well. */
  readonly also: readonly CauseStep[];
  readonly leadsTo: readonly CauseStep[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly diff?: { readonly title: string; readonly lines: readonly DiffLine[] };
  /** The key that this event wrote, to open beside. */
  readonly key?: { readonly key: string; readonly revision: number };
}

export interface TimelineStrings {
  readonly [key: string]: string;
}

export type ToWebview =
  | { readonly type: 'strings'; readonly version: number; readonly strings: TimelineStrings }
  | { readonly type: 'model'; readonly model: TimelineModel; readonly select?: EventId }
  | { readonly type: 'details'; readonly details: Details }
  | { readonly type: 'select'; readonly id: EventId }
  | { readonly type: 'command'; readonly command: TimelineCommand }
  | { readonly type: 'problem'; readonly message: string };

export type TimelineCommand =
  'forward' | 'back' | 'playPause' | 'first' | 'last' | 'cause' | 'effect' | 'fit';

export type FromWebview =
  | { readonly type: 'ready'; readonly version: number }
  | { readonly type: 'select'; readonly id: EventId }
  /** The step that the views show: the newest revision written up to it; absent when the timeline follows the present. */
  | { readonly type: 'cursor'; readonly revision?: number }
  | { readonly type: 'openKey'; readonly key: string; readonly revision: number }
  | { readonly type: 'openDiff'; readonly key: string; readonly revision: number }
  | { readonly type: 'refresh' };
