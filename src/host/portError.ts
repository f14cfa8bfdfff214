/** A port that cannot be had: a sentence for the person who asked for it. */
export class PortError extends Error {}

/** What a failed listen means to a person, where it is about the port; else the error itself. */
export function portError(error: unknown, port: number): unknown {
  const text = error instanceof Error ? error.message : '';
  const remedy = 'Choose another one, or 0 for any that is free.';
  if (text.includes('EADDRINUSE'))
    return new PortError(`Port ${port} of 127.0.0.1 is in use by another program. ${remedy}`, {
      cause: error,
    });
  if (text.includes('EACCES'))
    return new PortError(`Port ${port} of 127.0.0.1 is only for privileged users. ${remedy}`, {
      cause: error,
    });
  return error;
}
