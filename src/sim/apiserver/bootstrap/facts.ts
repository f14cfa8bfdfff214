import apiservices from '../../../api/facts/v1.36/bootstrap/apiservices.json' with { type: 'json' };
import clusterrolebindings from '../../../api/facts/v1.36/bootstrap/clusterrolebindings.json' with { type: 'json' };
import clusterroles from '../../../api/facts/v1.36/bootstrap/clusterroles.json' with { type: 'json' };
import configmaps from '../../../api/facts/v1.36/bootstrap/configmaps.json' with { type: 'json' };
import flowschemas from '../../../api/facts/v1.36/bootstrap/flowschemas.json' with { type: 'json' };
import ipaddresses from '../../../api/facts/v1.36/bootstrap/ipaddresses.json' with { type: 'json' };
import leases from '../../../api/facts/v1.36/bootstrap/leases.json' with { type: 'json' };
import namespaces from '../../../api/facts/v1.36/bootstrap/namespaces.json' with { type: 'json' };
import order from '../../../api/facts/v1.36/bootstrap/order.json' with { type: 'json' };
import peerserverleases from '../../../api/facts/v1.36/bootstrap/peerserverleases.json' with { type: 'json' };
import priorityclasses from '../../../api/facts/v1.36/bootstrap/priorityclasses.json' with { type: 'json' };
import prioritylevels from '../../../api/facts/v1.36/bootstrap/prioritylevelconfigurations.json' with { type: 'json' };
import ranges from '../../../api/facts/v1.36/bootstrap/ranges.json' with { type: 'json' };
import rolebindings from '../../../api/facts/v1.36/bootstrap/rolebindings.json' with { type: 'json' };
import roles from '../../../api/facts/v1.36/bootstrap/roles.json' with { type: 'json' };
import servicecidrs from '../../../api/facts/v1.36/bootstrap/servicecidrs.json' with { type: 'json' };
import services from '../../../api/facts/v1.36/bootstrap/services.json' with { type: 'json' };
import { defined } from '../../../base/assert.ts';
import type { KubeObject } from '../../../api/meta.ts';

/** An object that a fresh cluster has, with placeholders (`<uid>`, `<time>` …) for what differs from boot to boot. */
export interface BootstrapObject {
  readonly key: string;
  readonly by: 'apiserver' | 'controllers';
  readonly object: KubeObject;
  /** How it looks before any controller touched it. */
  readonly alone?: KubeObject;
  /** Whether the key hangs on an etcd lease. */
  readonly etcdLease?: boolean;
}

/** What the API server itself writes at boot, in the order in which a real one was seen to do it. */
export function bootstrapObjects(): readonly BootstrapObject[] {
  const files = [
    apiservices,
    clusterrolebindings,
    clusterroles,
    configmaps,
    flowschemas,
    ipaddresses,
    leases,
    namespaces,
    peerserverleases,
    priorityclasses,
    prioritylevels,
    ranges,
    rolebindings,
    roles,
    servicecidrs,
    services,
  ] as readonly (readonly BootstrapObject[])[];
  const byKey = new Map(files.flat().map((entry) => [entry.key, entry]));
  return (order as { order: readonly (readonly [string, string, number, number])[] }).order
    .filter(([, by]) => by === 'apiserver')
    .map(([key]) => defined(byKey.get(key), `${key} of order.json is among the objects`));
}

/** The rules of a bootstrap ClusterRole. */
export function clusterRole(name: string): KubeObject & { readonly rules?: readonly object[] } {
  const roles = clusterroles as readonly BootstrapObject[];
  const found = roles.find(({ object }) => object.metadata.name === name);
  return defined(found, `there is a ClusterRole ${name}`).object;
}
