/** Resolves when every promise that can settle has settled: what the event loop of a simulation needs from its host. */
export const drain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
