import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { broken, type Broken } from './broken.ts';

// Runs inside the extension host of a real VS Code (extensionTestsPath): the place of each problem to the character, and
// each quick fix, as an editor asks for them.

const dryRunFile = 'k8sInternals.dryRun.file';

export async function run(): Promise<void> {
  const failures: string[] = [];
  const check = async (name: string, body: () => Promise<void>): Promise<void> => {
    try {
      await body();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await vscode.commands.executeCommand('k8sInternals.cluster.start');
  for (const it of broken) await check(it.name, () => standsOnItsPlace(it));
  await check('a hover', explained);
  await check('a clean manifest', nothingOnACleanOne);
  await check('not Kubernetes', nothingOnOtherYaml);
  console.log(
    `in the host: ${broken.length + 3 - failures.length} passed, ${failures.length} failed`,
  );
  if (failures.length) throw new Error(`\n${failures.join('\n')}`);
}

async function standsOnItsPlace({ text, says, fix }: Broken): Promise<void> {
  const start = text.indexOf('«');
  const end = text.indexOf('»') - 1;
  assert.ok(start >= 0 && end >= start, 'the table marks the place with « »');
  const editor = await show(text.replace(/[«»]/g, ''));
  await vscode.commands.executeCommand(dryRunFile);
  const { document } = editor;
  const found = vscode.languages.getDiagnostics(document.uri);
  const own = found.find(({ message }) => message.includes(says));
  assert.ok(own, `no problem says ${says}: ${JSON.stringify(found.map(({ message }) => message))}`);
  const wanted = new vscode.Range(document.positionAt(start), document.positionAt(end));
  const at = `${document.getText(own.range)} (${own.range.start.line + 1}:${own.range.start.character + 1})`;
  assert.ok(
    own.range.isEqual(wanted),
    `stands on ${at}, not on ${document.getText(wanted)}: ${own.message}`,
  );
  if (fix !== undefined) await isFixed(editor, own, fix);
}

async function isFixed(
  { document }: vscode.TextEditor,
  problem: vscode.Diagnostic,
  title: string,
): Promise<void> {
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    problem.range,
    vscode.CodeActionKind.QuickFix.value,
  );
  const action = actions.find((it) => it.title === title);
  assert.ok(
    action?.edit,
    `no quick fix ${title}: ${JSON.stringify(actions.map((it) => it.title))}`,
  );
  assert.ok(await vscode.workspace.applyEdit(action.edit));
  assert.ok(await document.save());
  await vscode.commands.executeCommand(dryRunFile);
  const left = vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
  assert.deepEqual(
    left.map(({ message }) => message),
    [],
    document.getText(),
  );
}

async function explained(): Promise<void> {
  const { document } = await show(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndtaa: {}\n',
  );
  await vscode.commands.executeCommand(dryRunFile);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    new vscode.Position(4, 1),
  );
  const text = hovers
    .flatMap(({ contents }) => contents)
    .map((it) => (it as vscode.MarkdownString).value)
    .join('\n');
  assert.match(text, /\*\*Decoding\*\*/);
  assert.match(text, /Show the stages/);
}

async function nothingOnACleanOne(): Promise<void> {
  const { document } = await show('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: clean\n');
  await vscode.commands.executeCommand(dryRunFile);
  assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
}

async function nothingOnOtherYaml(): Promise<void> {
  const { document } = await show('on: push\njobs: {}\n');
  await vscode.commands.executeCommand(dryRunFile);
  assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    document.uri,
  );
  assert.deepEqual(lenses, []);
}

let files = 0;

/** A file of its own for each text: an untitled one would ask whether to save it when it is closed. */
async function show(content: string): Promise<vscode.TextEditor> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the tests run in a folder');
  const uri = vscode.Uri.joinPath(folder.uri, `${++files}.yaml`);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}
