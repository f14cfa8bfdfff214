import { UsageError } from './usageError.ts';

/** What is wrong with the arguments, shorter than the parser says it. */
export function parseMistake(error: unknown, args: readonly string[], usage: string): unknown {
  if (!(error instanceof TypeError)) return error;
  return new UsageError(`${sentence(error, args)}\n\n${usage}`, { cause: error });
}

function sentence(error: NodeJS.ErrnoException, args: readonly string[]): string {
  const named = /'(?:-\w, )?(-[^' ]*)/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `There is no flag ${named}.`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL': {
      const stray = /'([^']*)'/.exec(error.message)?.[1] ?? args.join(' ');
      return `"${stray}" belongs to no flag.`;
    }
    default:
      return error.message.includes('does not take')
        ? `${named} takes no value.`
        : `${named} needs a value.`;
  }
}
