import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { anyFreePort } from '../../src/embedded/free-port.js';

const run = promisify(execFile);
export const ROOT = path.resolve(import.meta.dirname, '../..');
const LOADER = path.join(ROOT, 'test/support/typescript-loader.mjs');
/** Real: how long the work of an event takes here, so that an answer that waited for it would be seen to. */
export const WORK_MS = 300;

/** One of examples/, copied away so that what it writes stays nowhere. */
export interface Example {
  readonly dir: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
}

/** Runs as `npm start` would, but for the compiler: the tests have one of their own. */
export function expressExample(): Example {
  const dir = copied('receive-express', 'receive.ts', /^ {2}console\.log\(`worked/m, (line) => {
    const slow = `  await new Promise((resolve) => setTimeout(resolve, ${WORK_MS}));\n`;
    return slow + line;
  });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  return { dir, command: process.execPath, args: () => ['--import', LOADER, 'receive.ts'] };
}

/** `python`: of an environment with its requirements. */
export function fastapiExample(python: string): Example {
  const dir = copied('receive-fastapi', 'receive.py', /^ {4}print\(f"worked/m, (line) => {
    return `    import time; time.sleep(${WORK_MS / 1000})\n${line}`;
  });
  return { dir, command: python, args: (port) => ['-m', 'uvicorn', 'receive:app', '--port', String(port)] };
}

function copied(name: string, file: string, worked: RegExp, slowed: (line: string) => string): string {
  const dir = mkdtempSync(path.join(tmpdir(), `slipway-${name}-`));
  cpSync(path.join(ROOT, 'examples', name), dir, { recursive: true });
  const source = readFileSync(path.join(dir, file), 'utf8');
  if (!worked.test(source)) throw new Error(`${file} has no line that works`);
  writeFileSync(path.join(dir, file), source.replace(worked, slowed));
  return dir;
}

/**
 * A Python with what examples/receive-fastapi needs, or a sentence why there is none. Made once for these requirements
 * and kept in the machine's directory for temporary files.
 */
export async function pythonForFastapi(): Promise<{ python: string } | { missing: string }> {
  const requirements = path.join(ROOT, 'examples/receive-fastapi/requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = path.join(tmpdir(), `slipway-fastapi-${digest}`);
  const [python, ready] = [path.join(home, 'bin/python'), path.join(home, 'ready')];
  if (existsSync(ready)) return { python };
  try {
    rmSync(home, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', home]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
    writeFileSync(ready, '');
    return { python };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n').filter(Boolean).at(-1) : String(error);
    return { missing: `python3 with fastapi, svix and uvicorn cannot be had here (${why})` };
  }
}

/** The example as a process of its own. */
export class RunningReceiver {
  readonly #child: ChildProcess;
  #said = '';
  private constructor(
    readonly url: string,
    child: ChildProcess,
  ) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** Answers once somebody listens. */
  static async start({ dir, command, args }: Example, secret: string): Promise<RunningReceiver> {
    const port = await anyFreePort();
    const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port), PYTHONDONTWRITEBYTECODE: '1' };
    const child = spawn(command, args(port), { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const receiver = new RunningReceiver(`http://127.0.0.1:${port}/webhooks`, child);
    await receiver.until(() => /Listening on|Uvicorn running on/.test(receiver.#said));
    return receiver;
  }

  /** Events that were worked, in their order. */
  get worked(): readonly string[] {
    return [...this.#said.matchAll(/^worked (\S+ \S+)$/gm)].map(([, what = '']) => what);
  }

  async until(holds: () => boolean): Promise<void> {
    for (const endAt = Date.now() + 30_000; !holds(); ) {
      if (Date.now() > endAt || this.#child.exitCode !== null) throw new Error(`it does not come to it: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended;
  }
}
