/** A mistake in the command line or in what it names: a sentence for the person who made it. */
export class UsageError extends Error {}
