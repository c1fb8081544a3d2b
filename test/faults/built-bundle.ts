import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const BUILT = resolve(import.meta.dirname, '../../dist');

/** The workflows that the workers of a cluster run: what the build has left, and no bundle of the sources. */
export async function builtBundle(): Promise<string> {
  const file = pathToFileURL(join(BUILT, 'main/bundle.js')).href;
  const { bundleWorkflows } = (await import(file)) as typeof import('../../src/main/bundle.js');
  return bundleWorkflows(join(BUILT, 'bundles'));
}
