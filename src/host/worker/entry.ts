import { createRequire, enableCompileCache, flushCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

// The entry of the worker thread: compiling the rest takes longer than starting the cluster, so the compiled code is kept
// from one start to the next. A VS Code whose runtime has no such cache starts without one.

const { codeCache } = workerData as { codeCache: string };
enableCompileCache(codeCache);
createRequire(__filename)('./cluster.cjs');
setTimeout(flushCompileCache, 2000).unref();
