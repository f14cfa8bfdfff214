import type { Item } from '../../protocol/timeline.ts';

/** The theme's colours for the canvas; read again when the theme changes. */
export interface Palette {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly border: string;
  readonly focus: string;
  readonly arrow: string;
  readonly isHighContrast: boolean;
  readonly font: string;
  of(item: Item): string;
}

const variables: Readonly<Record<string, string>> = {
  request: '--vscode-k8sInternals-request',
  stage: '--vscode-k8sInternals-stage',
  response: '--vscode-k8sInternals-request',
  write: '--vscode-k8sInternals-write',
  watch: '--vscode-k8sInternals-watch',
  queue: '--vscode-k8sInternals-queue',
  reconcile: '--vscode-k8sInternals-reconcile',
  schedule: '--vscode-k8sInternals-schedule',
  kubelet: '--vscode-k8sInternals-kubelet',
  timer: '--vscode-descriptionForeground',
  lifecycle: '--vscode-descriptionForeground',
};

export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const read = (name: string, otherwise: string) =>
    style.getPropertyValue(name).trim() || otherwise;
  const foreground = read('--vscode-foreground', '#888888');
  const failed = read('--vscode-errorForeground', '#f14c4c');
  const mutated = read('--vscode-k8sInternals-mutated', '#cca700');
  const muted = read('--vscode-descriptionForeground', foreground);
  const colors = new Map(
    Object.entries(variables).map(([kind, name]) => [kind, read(name, muted)]),
  );
  return {
    background: read('--vscode-editor-background', '#1e1e1e'),
    foreground,
    muted,
    border: read('--vscode-contrastBorder', read('--vscode-panel-border', muted)),
    focus: read('--vscode-focusBorder', foreground),
    arrow: read('--vscode-charts-lines', muted),
    isHighContrast: document.body.classList.contains('vscode-high-contrast'),
    font: `11px ${read('--vscode-font-family', 'sans-serif')}`,
    of: (item) => {
      if (item.state === 'rejected' || item.state === 'failed') return failed;
      if (item.state === 'mutated') return mutated;
      if (item.state === 'skipped') return muted;
      return colors.get(item.kind) ?? muted;
    },
  };
}
