import * as vscode from 'vscode';

/** `5 min ago`, from virtual microseconds; empty when it is not known. */
export function age(ageUs: number | undefined): string {
  if (ageUs === undefined) return '';
  const seconds = Math.max(0, Math.floor(ageUs / 1_000_000));
  if (seconds < 60) return vscode.l10n.t('{0} s ago', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return vscode.l10n.t('{0} min ago', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return vscode.l10n.t('{0} h ago', hours);
  return vscode.l10n.t('{0} days ago', Math.floor(hours / 24));
}
