import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureConverterPath } from '../temporal/data-converter.js';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the build leaves its bundle. */
const BUILT = join(SOURCES, 'bundles');
/** What workflow code is made of; the other rooms never get into a bundle. */
const ROOMS = ['workflows', 'contracts', 'domain'];

/**
 * Bundles the workflows into `directory` and returns the file. The name holds a hash of the sources and of the SDK's
 * version, so that an unchanged program finds its bundle of the last start and no other one. `failureConverterPath` where
 * payloads are encrypted: failures are put into payloads then, inside the workflows too.
 */
export async function bundleWorkflows(directory: string, failureConverterPath?: string): Promise<string> {
  const name = `workflows-${await fingerprint(failureConverterPath)}.js`;
  const path = join(directory, name);
  const found = [join(BUILT, name), path].find((file) => existsSync(file));
  if (found) return found;
  await mkdir(directory, { recursive: true });
  // Loaded only where a bundle is made, which the build has done for everybody else.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry(),
    logger: new DefaultLogger('WARN'),
    ...(failureConverterPath ? { failureConverterPath } : {}),
  });
  // Whole or not at all: a start that is killed in between leaves no half bundle under the final name.
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, path);
  return path;
}

/** Made by the build, so that a first start need not; bundles of former builds go. */
export async function bundleForBuild(): Promise<readonly string[]> {
  const paths = [await bundleWorkflows(BUILT), await bundleWorkflows(BUILT, failureConverterPath())];
  const names = new Set(paths.map((path) => basename(path)));
  for (const name of await readdir(BUILT)) if (!names.has(name)) await rm(join(BUILT, name));
  return paths;
}

/** Built sources beside a built `main`, TypeScript beside a TypeScript one. */
function entry(): string {
  const built = join(SOURCES, 'workflows', 'index.js');
  return existsSync(built) ? built : join(SOURCES, 'workflows', 'index.ts');
}

async function fingerprint(failureConverterPath: string | undefined): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion());
  if (failureConverterPath) hash.update(await readFile(failureConverterPath));
  for (const room of ROOMS) {
    const files = await readdir(join(SOURCES, room), { recursive: true, withFileTypes: true });
    const paths = files
      .filter((file) => /(?<!\.d)\.[jt]s$/.test(file.name))
      .map((file) => join(file.parentPath, file.name));
    for (const path of paths.sort())
      hash
        .update(relative(SOURCES, path))
        .update('\0')
        .update(await readFile(path))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function sdkVersion(): string {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  return version;
}
