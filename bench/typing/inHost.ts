import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { threadMs } from '../../test/support/threadTime.ts';

// Runs in the extension host: types into a file of 2,000 lines; with the extension, while the dry-run runs as one types.

const document = (index: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web-${index}
  template:
    metadata:
      labels:
        app: web-${index}
    spec:
      containers:
        - name: app
          image: nginx
`;

const documents = Array.from({ length: 115 }, (_, index) => document(index));
const texts = {
  'of 115 documents': documents.join('---\n'),
  'of one List': `apiVersion: v1\nkind: List\nitems:\n${documents
    .map((it) => `- ${it.trimEnd().replaceAll('\n', '\n  ')}\n`)
    .join('')}`,
};

export async function run(): Promise<void> {
  const extension = vscode.extensions.all.find(({ id }) => id.endsWith('kubernetes-internals'));
  if (extension) {
    await vscode.workspace
      .getConfiguration()
      .update('k8sInternals.dryRun.on', 'type', vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('k8sInternals.cluster.start');
  }
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('no folder');
  for (const [name, text] of Object.entries(texts)) {
    const uri = vscode.Uri.joinPath(folder.uri, `${name}.yaml`);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    const editor = await vscode.window.showTextDocument(uri);
    if (extension) await vscode.commands.executeCommand('k8sInternals.dryRun.file');
    // The dry-run has opened the view of its stages, and with it all views of the container.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    console.log(
      `bench: ${extension ? 'with' : 'without'} the extension, ${editor.document.lineCount} lines ${name}, 60 keys: ${await typeInto(editor)}`,
    );
  }
}

async function typeInto(editor: vscode.TextEditor): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const turns: number[] = [];
  let ran = threadMs();
  // Between two of its calls, the host ran at most one turn that is worth telling.
  const sampler = setInterval(() => {
    const now = threadMs();
    turns.push(now - ran);
    ran = now;
  }, 1);
  delay.enable();
  for (let key = 0; key < 60; key++) {
    const line = 3 + key * 18 + 1;
    await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), '# a comment\n'));
    await new Promise((resolve) => setTimeout(resolve, key % 10 === 9 ? 900 : 60));
  }
  delay.disable();
  clearInterval(sampler);
  turns.sort((x, y) => y - x);
  const longest = turns.slice(0, 5).map((turn) => turn.toFixed(1));
  const ms = (nanos: number) => (nanos / 1e6 - 1).toFixed(1);
  return `the longest turns of the host took ${longest.join(', ')} ms of processor time (goal: 16); it was blocked for at most ${ms(delay.max)} ms, 99% ${ms(delay.percentile(99))} ms`;
}
