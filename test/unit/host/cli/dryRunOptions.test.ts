import assert from 'node:assert/strict';
import { parseDryRunOptions } from '../../../../src/host/cli/dryRunOptions.ts';
import { UsageError } from '../../../../src/host/cli/usageError.ts';

describe('options of dry-run', () => {
  const check = (line: string, expected: object): void => {
    const options = parseDryRunOptions(line.split(' ').filter(Boolean));
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(options[name as keyof typeof options], value, line);
  };

  it('have defaults', () =>
    check('a.yaml', {
      files: ['a.yaml'],
      as: undefined,
      cluster: undefined,
      output: 'text',
      namespace: undefined,
      forwardSeconds: 0,
    }));

  it('are read', () => {
    check('a.yaml - b', { files: ['a.yaml', '-', 'b'] });
    check('a --as alice:dev', { as: { user: 'alice', groups: ['dev'] } });
    check('a --cluster state.yaml -n web', { cluster: 'state.yaml', namespace: 'web' });
    check('-o sarif a', { output: 'sarif' });
    check('--output=github a --forward 1.5', { output: 'github', forwardSeconds: 1.5 });
    check('--help', { help: true });
  });

  const refuse = (line: string, sentence: string): void =>
    assert.throws(
      () => parseDryRunOptions(line.split(' ').filter(Boolean)),
      (error) => error instanceof UsageError && error.message.split('\n')[0] === sentence,
      line,
    );

  it('are refused in a sentence', () => {
    refuse('', 'dry-run needs a FILE, a folder, or - for the standard input.');
    refuse('- -', '- stands twice: the standard input can be read only once.');
    refuse('a --frob', 'There is no flag --frob.');
    refuse('a --as', '--as needs a value.');
    refuse('a --as=:dev', '--as takes USER or USER:GROUP, as alice:developers, not ":dev".');
    refuse('a -o xml', '--output knows no "xml"; it takes text, json, sarif, github.');
    refuse('a -n No_Name', '--namespace takes the name of a namespace, not "No_Name".');
    refuse('a --cluster=', '--cluster takes the path of a file or folder, not "".');
    for (const seconds of ['-1', 'soon', '', '3601'])
      refuse(
        `a --forward=${seconds}`,
        `--forward takes a number of seconds from 0 to 3600, not "${seconds}".`,
      );
  });
});
