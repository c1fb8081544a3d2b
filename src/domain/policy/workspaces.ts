import type { SourceSettings } from './policy-file.js';

/**
 * In the order in which they answer for an id that several hold: `main`, then by name. The order of the file does not
 * count, since lists outlive it: an onboarding that is listed and one that is only asked for are found alike.
 */
export function workspacesOf(sources: readonly Pick<SourceSettings, 'workspace'>[]): readonly string[] {
  const names = [...new Set(sources.map(({ workspace }) => workspace))].sort();
  return [...names.filter((name) => name === 'main'), ...names.filter((name) => name !== 'main')];
}
