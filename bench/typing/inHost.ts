import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';

// Runs in the extension host: types into a file of 2,000 lines while the dry-run runs as one types.

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

export async function run(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  await configuration.update('k8sInternals.dryRun.on', 'type', vscode.ConfigurationTarget.Global);
  await vscode.commands.executeCommand('k8sInternals.cluster.start');
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('no folder');
  const uri = vscode.Uri.joinPath(folder.uri, 'large.yaml');
  const text = Array.from({ length: 115 }, (_, index) => document(index)).join('---\n');
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const editor = await vscode.window.showTextDocument(uri);
  await vscode.commands.executeCommand('k8sInternals.dryRun.file');

  const delay = monitorEventLoopDelay({ resolution: 1 });
  const own: number[] = [];
  delay.enable();
  for (let key = 0; key < 60; key++) {
    const line = 3 + key * 18 + 1;
    const start = performance.now();
    await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), '# a comment\n'));
    own.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, key % 10 === 9 ? 900 : 60));
  }
  delay.disable();
  own.sort((a, b) => a - b);
  const ms = (nanos: number) => (nanos / 1e6 - 1).toFixed(1);
  console.log(
    `bench: ${editor.document.lineCount} lines, 60 keys: the extension host was blocked for at most ${ms(delay.max)} ms, 99% ${ms(delay.percentile(99))} ms (goal: 16)`,
  );
}
