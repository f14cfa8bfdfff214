import type { Micros } from '../../base/time.ts';
import type { Stage } from '../../trace/event.ts';

/**
 * How long a stage of a request takes, in modelled microseconds: the order of magnitude of a real API server on an idle
 * machine; storage is the time until etcd has a write on disk.
 */
export const stageMicros: Readonly<Record<Stage, Micros>> = {
  authentication: 40,
  audit: 10,
  impersonation: 5,
  priorityAndFairness: 25,
  authorization: 35,
  body: 20,
  decoding: 150,
  patch: 180,
  managedFields: 120,
  mutatingAdmission: 90,
  strategy: 40,
  validation: 110,
  validatingAdmission: 80,
  storage: 800,
};

/** Encoding and sending the answer. */
export const responseMicros: Micros = 120;
