// npm test: every check and every test, and one closing line that counts them. Usage: node scripts/test.ts [AREA …]
// An area is one of the names below; all without one. Ends with code 1 when something failed.
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

interface Area {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Whether the command counts its own tests; else it is one. */
  readonly isMocha?: true;
}

const mocha = (name: string, ...globs: string[]): Area => ({
  name,
  command: ['mocha', '--forbid-only', ...globs],
  isMocha: true,
});

/** What other areas need, first. */
const build: Area = { name: 'build', command: ['node', 'scripts/build.ts'] };

/** Side by side, as many as there are processors for. */
const quiet: readonly Area[] = [
  mocha('unit', 'test/unit/**/*.test.ts'),
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the simulation', command: ['tsc', '-p', 'src/sim'] },
  { name: 'types of the webview', command: ['tsc', '-p', 'src/webview'] },
  { name: 'lint', command: ['eslint', '.'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'unused', command: ['knip', '--no-progress', '--no-config-hints'] },
  mocha('tidy', 'test/tidy/**/*.test.ts'),
  mocha('simulation', 'test/simulation/**/*.test.ts'),
  mocha('conformance', 'test/conformance/*.test.ts'),
];

/** One by one, with the machine for themselves: they wait for other programs. */
const alone: readonly Area[] = [
  mocha('clients', 'test/clients/**/*.test.ts'),
  mocha('vscode', 'test/vscode/**/*.test.ts'),
];

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const failedAreas: string[] = [];

const asked = process.argv.slice(2);
const unknown = asked.find(
  (name) => ![build, ...quiet, ...alone].some((area) => area.name === name),
);
if (unknown !== undefined) {
  const names = [build, ...quiet, ...alone].map(({ name }) => `"${name}"`).join(', ');
  console.error(`There is no area "${unknown}"; there are ${names}.`);
  process.exit(2);
}
const isAsked = ({ name }: Area) => !asked.length || asked.includes(name);

const started = Date.now();
if (isAsked(build)) await runArea(build);
const waiting = quiet.filter(isAsked);
const worker = async (): Promise<void> => {
  for (let area = waiting.shift(); area; area = waiting.shift()) await runArea(area);
};
await Promise.all([worker(), worker()]);
for (const area of alone.filter(isAsked)) await runArea(area);

if (failedAreas.length) console.log(`\nFailed: ${failedAreas.join(', ')}`);
const seconds = Math.round((Date.now() - started) / 1000);
console.log(
  `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped (${seconds} s)`,
);
process.exitCode = total.failed ? 1 : 0;

/** Runs an area, prints what it has to say when it is done, and counts. */
async function runArea(area: Area): Promise<void> {
  const before = Date.now();
  const { code, output } = await run(area.command);
  const count = countOf(area, code, output);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  if (count.failed) failedAreas.push(area.name);
  const seconds = ((Date.now() - before) / 1000).toFixed(1);
  const counted = area.isMocha
    ? `: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    : '';
  console.log(`${count.failed ? '✗' : '✓'} ${area.name}${counted} (${seconds} s)`);
  const text = count.failed ? output : saidOf(area, output);
  if (text.trim()) console.log(text.trimEnd().replace(/^/gm, '    '));
}

/** What tests that passed or were skipped said: the reporter's dots and totals are left out. */
function saidOf({ isMocha }: Area, output: string): string {
  if (!isMocha) return '';
  return output
    .split('\n')
    .filter((line) => !/^\s*([.,!]+|\d+ (passing|pending).*)?$/.test(line))
    .map((line) => line.trim())
    .join('\n');
}

function countOf({ isMocha }: Area, code: number | null, output: string): Count {
  if (!isMocha) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  const number = (word: string) =>
    Number(new RegExp(`^ *(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
  const failed = number('failing');
  // A run that broke off has no total, and yet it failed.
  return {
    passed: number('passing'),
    failed: code !== 0 && !failed ? 1 : failed,
    skipped: number('pending'),
  };
}

function run([program, ...args]: Area['command']) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const bin = path.join(root, 'node_modules/.bin');
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const take = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => (output += String(error)));
    child.on('close', (code) => resolve({ code, output }));
  });
}
