import assert from 'node:assert/strict';
import { parseFieldSelector } from '../../../src/api/fieldSelectors.ts';
import {
  labelSelectorMatches,
  parseLabelSelector,
  SelectorError,
} from '../../../src/api/selectors.ts';

const check = (text: string, printed: string, matching: object[], other: object[]): unknown =>
  it(text || 'nothing', () => {
    const selector = parseLabelSelector(text);
    assert.equal(selector.toString(), printed);
    for (const labels of matching)
      assert.ok(selector.matches(labels as Record<string, string>), JSON.stringify(labels));
    for (const labels of other)
      assert.ok(!selector.matches(labels as Record<string, string>), JSON.stringify(labels));
  });

const refuse = (text: string, message: string): unknown =>
  it(`${text} is refused`, () => {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => error instanceof SelectorError && error.message === message,
    );
  });

describe('label selectors', () => {
  check('', '', [{}, { a: 'b' }], []);
  check('b=1,a==2', 'a==2,b=1', [{ a: '2', b: '1' }], [{ a: '2' }, {}]);
  check('a in (x, y,z)', 'a in (x,y,z)', [{ a: 'y' }], [{ a: 'q' }, {}]);
  check('a notin (x),!b', 'a notin (x),!b', [{}, { a: 'y' }], [{ a: 'x' }, { b: '' }]);
  check('a,b!=c', 'a,b!=c', [{ a: '' }], [{ a: '', b: 'c' }]);
  check('n>3,n<10', 'n>3,n<10', [{ n: '4' }], [{ n: '3' }, { n: 'x' }, {}]);
  check('a=', 'a=', [{ a: '' }], [{}]);
  check('a in (,b)', 'a in (,b)', [{ a: '' }, { a: 'b' }], [{ a: 'c' }]);
  check('in in (in)', 'in in (in)', [{ in: 'in' }], [{}]);
  refuse('a in', "unable to parse requirement: found '' expected: '('");
  refuse(
    'a~b=c',
    "unable to parse requirement: <nil>: Invalid value: \"a~b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  );
  refuse('a=b,', "found '', expected: identifier after ','");
  refuse('a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
  refuse('=b', "found '=', expected: !, identifier, or 'end of string'");
});

describe('LabelSelector objects', () => {
  it('absent matches nothing, empty everything', () => {
    assert.ok(!labelSelectorMatches(undefined, { a: 'b' }));
    assert.ok(labelSelectorMatches({}, { a: 'b' }));
  });
  it('expressions and labels must all hold', () => {
    const selector = {
      matchLabels: { a: 'b' },
      matchExpressions: [{ key: 'c', operator: 'DoesNotExist' }],
    };
    assert.ok(labelSelectorMatches(selector, { a: 'b' }));
    assert.ok(!labelSelectorMatches(selector, { a: 'b', c: '' }));
  });
});

describe('field selectors', () => {
  it('reads terms', () => {
    const selector = parseFieldSelector('status.phase!=Running,metadata.name==a\\,b');
    assert.equal(selector.toString(), 'metadata.name=a\\,b,status.phase!=Running');
    assert.ok(selector.matches((field) => (field === 'metadata.name' ? 'a,b' : '')));
    assert.equal(selector.exactly('metadata.name'), 'a,b');
  });
  it('refuses what is no term', () =>
    assert.throws(() => parseFieldSelector('a'), {
      message: "invalid selector: 'a'; can't understand 'a'",
    }));
});
