/**
 * An etcd of ours without a cluster around it, for clients and players: node test/support/etcdAlone.ts --port N
 * [--quota BYTES]. Prints how to reach it; ends with Ctrl+C.
 */
import { parseArgs } from 'node:util';
import { EtcdDoor } from '../../src/host/etcd/etcdDoor.ts';
import { Store } from '../../src/sim/etcd/store.ts';
import { wallClock } from './wallClock.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, quota: { type: 'string' } },
});
const store = new Store({
  clock: wallClock,
  ...(values.quota !== undefined && { quotaBytes: Number(values.quota) }),
});
const door = new EtcdDoor({
  store,
  host: '127.0.0.1',
  port: Number(values.port),
  clock: wallClock,
});
console.log(`export ETCDCTL_ENDPOINTS=127.0.0.1:${await door.listen()}`);
process.once('SIGINT', () => door.dispose());
process.once('SIGTERM', () => door.dispose());
