import { fieldForbidden, invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  Probe,
  SleepAction,
  TCPSocketAction,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  atLeastZero,
  exactlyOne,
  must,
  oneOf,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { isHttpHeaderName, isPortName, isValidPort } from '../shared/names.ts';

// Probes and lifecycle handlers. Models core/validation validateProbe and validateHandler.

interface Handler {
  readonly exec?: Loose<ExecAction> | null | undefined;
  readonly httpGet?: Loose<HTTPGetAction> | null | undefined;
  readonly tcpSocket?: Loose<TCPSocketAction> | null | undefined;
  readonly grpc?: Loose<GRPCAction> | null | undefined;
  readonly sleep?: Loose<SleepAction> | null | undefined;
}

/** `graceSeconds`: how long the pod may take to end, if it says so. */
function validateHandler(
  handler: Handler,
  graceSeconds: number | undefined,
  path: FieldPath,
): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  return exactlyOne(handler, 'handler type', path, [
    ['exec', () => must(exec?.command, path.child('exec', 'command'))],
    ['httpGet', () => httpGet && validateHttpGet(httpGet, path.child('httpGet'))],
    ['tcpSocket', () => portOrName(tcpSocket?.port, path.child('tcpSocket', 'port'))],
    ['grpc', () => portOrName(grpc?.port, path.child('grpc', 'port'))],
    [
      'sleep',
      () => {
        const seconds = sleep?.seconds ?? 0;
        if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds))
          return undefined;
        const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
        return invalid(path.child('sleep'), seconds, detail);
      },
    ],
  ]);
}

const validateHttpGet = (action: Loose<HTTPGetAction>, path: FieldPath): Found => [
  must(action.path, path.child('path')),
  portOrName(action.port, path.child('port')),
  oneOf(action.scheme, ['HTTP', 'HTTPS'], path.child('scheme')),
  action.httpHeaders?.map(({ name }) =>
    allInvalid(path.child('httpHeaders'), name ?? '', isHttpHeaderName(name ?? '')),
  ),
];

/** A port by number or by name. Models ValidatePortNumOrName. */
export const portOrName = (
  port: number | string | null | undefined,
  path: FieldPath,
): FieldError[] =>
  allInvalid(path, port ?? 0, typeof port === 'string' ? isPortName(port) : isValidPort(port ?? 0));

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(
  probe: Loose<Probe>,
  graceSeconds: number | undefined,
  path: FieldPath,
): FieldError[] {
  const own = probe.terminationGracePeriodSeconds;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  return all(
    validateHandler({ exec, httpGet, tcpSocket, grpc }, graceSeconds, path),
    counts.map((name) => atLeastZero(probe[name], path.child(name))),
    (own ?? 1) <= 0 &&
      invalid(path.child('terminationGracePeriodSeconds'), own, 'must be greater than 0'),
  );
}

export interface Probes {
  readonly livenessProbe?: Loose<Probe> | null | undefined;
  readonly readinessProbe?: Loose<Probe> | null | undefined;
  readonly startupProbe?: Loose<Probe> | null | undefined;
}

/** The three probes of a container, each with a rule of its own. */
export function validateProbes(
  { livenessProbe: live, readinessProbe: ready, startupProbe: start }: Probes,
  graceSeconds: number | undefined,
  path: FieldPath,
): FieldError[] {
  const once = (probe: Loose<Probe>, at: FieldPath): Found =>
    probe.successThreshold !== 1 &&
    invalid(at.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1');
  const grace = ready?.terminationGracePeriodSeconds ?? undefined;
  return all(
    live && validateProbe(live, graceSeconds, path.child('livenessProbe')),
    live && once(live, path.child('livenessProbe')),
    ready && validateProbe(ready, graceSeconds, path.child('readinessProbe')),
    grace !== undefined &&
      invalid(
        path.child('readinessProbe', 'terminationGracePeriodSeconds'),
        grace,
        'must not be set for readinessProbes',
      ),
    start && validateProbe(start, graceSeconds, path.child('startupProbe')),
    start && once(start, path.child('startupProbe')),
  );
}

const realTime = [
  'SIGRTMAX',
  ...Array.from({ length: 14 }, (_, at) => `SIGRTMAX-${at + 1}`),
  'SIGRTMIN',
  ...Array.from({ length: 15 }, (_, at) => `SIGRTMIN+${at + 1}`),
];
const linuxSignals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
    .split(' ')
    .map((name) => `SIG${name}`),
  ...realTime,
].sort();

export function validateLifecycle(
  { postStart, preStop, stopSignal }: Loose<Lifecycle>,
  graceSeconds: number | undefined,
  path: FieldPath,
  os: string | undefined,
): FieldError[] {
  const at = path.child('stopSignal');
  return all(
    postStart && validateHandler(postStart, graceSeconds, path.child('postStart')),
    preStop && validateHandler(preStop, graceSeconds, path.child('preStop')),
    typeof stopSignal === 'string' &&
      (os === undefined
        ? fieldForbidden(at, 'may not be set for containers with empty `spec.os.name`')
        : os === 'windows'
          ? oneOf(stopSignal, ['SIGKILL', 'SIGTERM'], at)
          : os === 'linux' && oneOf(stopSignal, linuxSignals, at)),
  );
}
