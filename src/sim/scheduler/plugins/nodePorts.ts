import type { Pod } from '../../../api/types/coreV1.ts';
import type { FilterPlugin } from '../framework.ts';

interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** The ports of the host that the pod wants are free. Models plugins/nodeports. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  filter(pod, node) {
    const wanted = hostPorts(pod);
    if (!wanted.length) return undefined;
    const taken = [...node.pods.values()].flatMap(hostPorts);
    const clash = wanted.some((port) => taken.some((other) => conflicts(port, other)));
    return clash
      ? {
          reasons: ["node(s) didn't have free ports for the requested pod ports"],
          resolvable: true,
        }
      : undefined;
  },
};

function hostPorts(pod: Pod): HostPort[] {
  return (pod.spec?.containers ?? []).flatMap(({ ports }) =>
    (ports ?? [])
      .filter(({ hostPort }) => hostPort)
      .map(({ hostIP, protocol, hostPort }) => ({
        ip: hostIP || '0.0.0.0',
        protocol: protocol ?? 'TCP',
        port: hostPort ?? 0,
      })),
  );
}

const conflicts = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');
