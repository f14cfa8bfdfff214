import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as contributions from '../../src/ui/contributions.ts';

const root = path.join(import.meta.dirname, '../..');
const text = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');

interface Manifest {
  main: string;
  icon: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; enablement?: string }[];
    menus: Record<string, ({ command: string } | { submenu: string })[]>;
    submenus: { id: string }[];
    keybindings: { command: string }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string }[];
    viewsContainers: Record<string, { id: string }[]>;
    configuration: { properties: object } | { properties: object }[];
    colors: { id: string }[];
    terminal: { profiles: { id: string }[] };
  };
}

const manifestText = text('package.json');
const manifest = JSON.parse(manifestText) as Manifest;
const { contributes } = manifest;
const words = JSON.parse(text('package.nls.json')) as Record<string, string>;

/** All code of the extension host and the webview, by file. */
const sources = new Map(
  ['src/ui', 'src/webview']
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((file) => `${folder}/${file}`),
    )
    .concat('src/extension.ts')
    .filter((file) => /\.(?:tsx?|css)$/.test(file))
    .map((file) => [file, text(file)]),
);
const code = [...sources]
  .filter(([file]) => !file.endsWith('/contributions.ts'))
  .map(([, source]) => source)
  .join('\n');

const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();
const commandIds = contributes.commands.map(({ command }) => command);
/** What is not there yet says so: it stands in the list, disabled for good. */
const working = contributes.commands
  .filter(({ enablement }) => enablement !== 'false')
  .map(({ command }) => command);
const viewIds = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
const settingIds = [contributes.configuration]
  .flat()
  .flatMap(({ properties }) => Object.keys(properties));

/** Names of a record that no code mentions in the form given. */
const unmentioned = (record: object, form: (name: string) => RegExp): string[] =>
  Object.keys(record).filter((name) => !form(name).test(code));

describe('the manifest', () => {
  it('contributes the commands that are registered', () => {
    assert.deepEqual(sorted(working), sorted(Object.values(contributions.commands)));
    assert.equal(new Set(commandIds).size, commandIds.length, 'a command stands twice');
    assert.deepEqual(
      unmentioned(
        contributions.commands,
        (name) =>
          new RegExp(
            `(?:register\\w*|own|on)\\(\\s*commands\\.${name}\\b|\\[commands\\.${name}\\]|\\[commands\\.${name},`,
          ),
      ),
      [],
      'never registered',
    );
  });

  it('contributes the views that are made', () => {
    assert.deepEqual(sorted(viewIds), sorted(Object.values(contributions.views)));
    assert.deepEqual(
      unmentioned(
        contributions.views,
        (name) =>
          new RegExp(`(?:createTreeView|registerWebviewViewProvider)\\(\\s*views\\.${name}\\b`),
      ),
      [],
    );
    for (const { view } of contributes.viewsWelcome) assert.ok(viewIds.includes(view), view);
    for (const container of Object.keys(contributes.views))
      assert.ok(
        Object.values(contributes.viewsContainers).some((it) =>
          it.some(({ id }) => id === container),
        ),
      );
  });

  it('contributes the settings that are read', () => {
    assert.deepEqual(sorted(settingIds), sorted(Object.values(contributions.settings)));
    assert.deepEqual(
      unmentioned(contributions.settings, (name) => new RegExp(`settings\\.${name}\\b`)),
      [],
    );
  });

  it('contributes the colours that are drawn with', () => {
    for (const { id } of contributes.colors) {
      const css = `--vscode-${id.replaceAll('.', '-')}`;
      assert.ok(new RegExp(`${css}\\b`).test(code) || code.includes(`'${id}'`), `${id}: unused`);
    }
    const declared = contributes.colors.map(({ id }) => `--vscode-${id.replaceAll('.', '-')}`);
    for (const [variable] of code.matchAll(/--vscode-k8sInternals-\w+/g))
      assert.ok(declared.includes(variable), `${variable} is not contributed`);
  });

  it('contributes the terminal profile', () => {
    assert.deepEqual(
      contributes.terminal.profiles.map(({ id }) => id),
      [contributions.terminalProfile],
    );
  });

  it('names only commands, views, settings and context keys that there are', () => {
    const submenus = contributes.submenus.map(({ id }) => id);
    const named = [...Object.values(contributes.menus).flat(), ...contributes.keybindings];
    for (const it of named)
      if ('submenu' in it) assert.ok(submenus.includes(it.submenu), it.submenu);
      else assert.ok(commandIds.includes(it.command), it.command);
    for (const value of Object.values(words))
      for (const [, command = ''] of value.matchAll(/\(command:([\w.]+)/g))
        if (command.startsWith('k8sInternals.')) assert.ok(commandIds.includes(command), command);
    const known = new Set<string>([
      ...commandIds,
      ...viewIds,
      ...settingIds,
      ...contributes.colors.map(({ id }) => id),
      ...submenus,
      ...Object.values(contributions.contextKeys),
      contributions.terminalProfile,
    ]);
    const panels = [...code.matchAll(/viewType = '([\w.]+)'/g)].map(([, type]) => type);
    for (const [name] of manifestText.matchAll(/\bk8sInternals\.[\w.]+/g))
      assert.ok(known.has(name) || panels.includes(name), name);
    assert.deepEqual(
      unmentioned(contributions.contextKeys, (name) => new RegExp(`contextKeys\\.${name}\\b`)),
      [],
      'never set',
    );
  });

  it('has every string once in package.nls.json, and no other', () => {
    const used = [...manifestText.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? '');
    assert.deepEqual(sorted(used), sorted(Object.keys(words)));
    for (const [key, value] of Object.entries(words)) assert.ok(value.trim(), key);
  });

  it('names files that there are', () => {
    for (const [, file = ''] of manifestText.matchAll(
      /"(?:\.\/)?((?:media|syntaxes|samples)\/[^"]+)"/g,
    ))
      assert.ok(fs.existsSync(path.join(root, file)), file);
    assert.match(text('scripts/build.ts'), new RegExp(manifest.main.replace('./', '')));
  });
});
