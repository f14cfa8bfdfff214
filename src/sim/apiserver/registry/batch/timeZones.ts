/**
 * Why Go does not know a time zone. The runtime's own list stands for the system's: both are the IANA data base, but the
 * runtime takes names in any case and offsets.
 */
export function timeZoneProblem(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return undefined;
  if (/^[\\/]|(?:^|\/)\.\.(?:\/|$)/.test(name) || name.includes('\\'))
    return 'time: invalid location name';
  return isKnown(name) ? undefined : `unknown time zone ${name}`;
}

function isKnown(name: string): boolean {
  if (/^[-+\d]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone !== '' && hasUsualCase(name);
  } catch {
    return false; // Intl throws for what it does not know
  }
}

const allUpper =
  /^(?:UCT|GMT|GMT0|GMT[-+]0|EST|MST|HST|EST5EDT|CST6CDT|MST7MDT|PST8PDT|CET|MET|EET|WET|GB|GB-Eire|NZ|NZ-CHAT|PRC|ROC|ROK|W-SU|Etc\/.*|US\/.*|SystemV\/.*)$/;
const lowerWords = new Set(['of', 'au', 'es']);

/** Files of zones are named in one case only; each part of a name begins with a capital letter. */
const hasUsualCase = (name: string): boolean =>
  allUpper.test(name) ||
  name
    .split(/[/_-]/)
    .every((part) => part === '' || lowerWords.has(part) || /^[A-Z][a-zA-Z0-9+]*$/.test(part));
