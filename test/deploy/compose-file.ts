import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas?: number };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** docker-compose.yml with its merge keys resolved, as Compose reads it; `${…}` stays as it is written. */
export function readCompose(): ComposeFile {
  return parse(readText('docker-compose.yml'), { merge: true }) as ComposeFile;
}

/** A further file of deploy/compose, as it is named in COMPOSE_FILE after docker-compose.yml. */
export function readFurther(name: string): Partial<ComposeFile> & Pick<ComposeFile, 'services'> {
  return parse(readText(`deploy/compose/${name}`), { merge: true }) as ComposeFile;
}

export function service(compose: ComposeFile, name: string): Service {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** What runs once and ends: others wait for its end. */
export function isOneShot(compose: ComposeFile, name: string): boolean {
  return Object.values(compose.services).some(
    ({ depends_on }) => depends_on?.[name]?.condition === 'service_completed_successfully',
  );
}

/** The services that run Slipway itself. */
export function ours(compose: ComposeFile): readonly [string, Service][] {
  return Object.entries(compose.services).filter(([, { image }]) => image.startsWith('slipway:'));
}

/** `${NAME:-default}` as it reads where nothing is set. */
export const unset = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
