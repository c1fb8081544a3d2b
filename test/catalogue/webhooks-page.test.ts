import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, exampleOf } from '../../src/contracts/api-catalogue.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { programFor } from '../../src/main/program.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(ROOT, 'docs/webhooks.md'), 'utf8');
const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;

/** The words of a command line, quotes taken off. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

function commandOf(words: readonly string[]): Command {
  let command: Command = programFor({}, { out: () => {}, err: () => {}, columns: 80 });
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  return command;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** `2 h 35 min 5 s`. */
function spell(ms: number): string {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map(Math.floor);
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`];
  return parts.filter(Boolean).join(' ');
}

/** The receiver of the page, as somebody would run it who copied it. */
async function receiver(): Promise<{ url: string; stop: () => void }> {
  const source = /### TypeScript\n\n```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-receiver-'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  writeFileSync(path.join(dir, 'receiver.mjs'), source);
  const port = await freePort();
  const env = { PATH: process.env['PATH'], WEBHOOK_SECRET: SECRET, PORT: String(port) };
  const child = spawn(process.execPath, ['receiver.mjs'], { cwd: dir, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = (): void => {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/hooks`;
  for (let n = 0; n < 300; n++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop();
  throw new Error('the receiver of the page did not come up');
}

describe('docs/webhooks.md', () => {
  it('names commands and options that there are', () => {
    const lines = [...page.matchAll(/^\$ (?:[A-Z_]+=\S+ )?slipway (.*)$/gm), ...page.matchAll(/`slipway ([^`]*)`/g)];
    expect(lines.length).toBeGreaterThan(10);
    for (const [, line = ''] of lines) {
      const words = wordsOf(line);
      const command = commandOf(words);
      expect(command.name(), line).not.toBe('slipway');
      for (const option of words.filter((word) => word.startsWith('--')))
        expect(
          command.options.map(({ long }) => long),
          line,
        ).toContain(option);
    }
  });

  it('names event types that there are', () => {
    const names = new Set(CATALOGUE.map(({ name }) => name));
    const groups = new Set(CATALOGUE.map(({ groupName }) => `${groupName}.*`));
    const prose = page.replace(/```(?:js|ts|python)\n[\s\S]*?```/g, '');
    const named = prose.match(/\b(?:escalation|onboarding|endpoint|customer|webhook)\.(?:\*|[a-z_]+)/g) ?? [];

    for (const name of named) expect(names.has(name) || groups.has(name), name).toBe(true);
  });

  it('gives the instants of the tries as the schedule has them', () => {
    const { waitsMs, lastMs } = RETRY_SCHEDULE;
    let after = 0;
    const rows = waitsMs.map((wait, nth) => {
      after += wait;
      return nth === 0 ? '| 1 | | at once |' : `| ${nth + 1} | ${spell(wait)} | ${spell(after)} |`;
    });

    expect(page).toContain([...rows, `| ${rows.length + 1} | | ${spell(lastMs)} |`].join('\n'));
  });

  it('shows a receiver that verifies, refuses what was changed, and works on each event once', async () => {
    const { url, stop } = await receiver();
    try {
      const body = JSON.stringify(exampleOf('escalation.opened'));
      const [secret] = parseSecrets(SECRET) as [Secret];
      const post = async (sent: string): Promise<string> => {
        const headers = {
          ...sign(secret, 'msg_1', Math.floor(Date.now() / 1000), body),
          'content-type': 'application/json',
        };
        const answer = await fetch(url, { method: 'POST', headers, body: sent });
        return `${answer.status} ${await answer.text()}`;
      };

      expect(await post(body)).toBe('200 ok');
      expect(await post(body)).toBe('200 known');
      expect(await post(body.replace('onb_example', 'onb_others'))).toBe('401 invalid signature');
    } finally {
      stop();
    }
  });
});
