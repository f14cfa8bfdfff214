import { formatMicroTime, second, type Clock } from '../../base/time.ts';
import type { Kubelet } from './kubelet.ts';

interface LogRequest {
  readonly node: string;
  readonly uid: string;
  readonly container: string;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly limitBytes: number | undefined;
}

/** Reads the logs of containers from the kubelets of a cluster. */
export class KubeletLogs {
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(kubelet: Kubelet): void {
    this.#kubelets.set(kubelet.node.name, kubelet);
  }

  read(request: LogRequest): Promise<{ readonly text: string } | { readonly problem: string }> {
    const run = this.#kubelets.get(request.node)?.worker(request.uid)?.run(request.container);
    if (!run)
      return Promise.resolve({
        problem: `container "${request.container}" is not known to the kubelet of ${request.node}`,
      });
    if (request.previous && !run.lastState)
      return Promise.resolve({
        problem: `previous terminated container "${request.container}" not found`,
      });
    let lines = request.previous ? run.previousLogs : run.logs;
    const { sinceSeconds, tailLines, limitBytes } = request;
    if (sinceSeconds !== undefined)
      lines = lines.filter(({ time }) => time >= this.#clock.now() - sinceSeconds * second);
    if (tailLines !== undefined) lines = tailLines === 0 ? [] : lines.slice(-tailLines);
    const text = lines
      .map(
        ({ time, text: line }) =>
          `${request.timestamps ? `${formatMicroTime(time)} ` : ''}${line}\n`,
      )
      .join('');
    return Promise.resolve({ text: limitBytes === undefined ? text : text.slice(0, limitBytes) });
  }
}
