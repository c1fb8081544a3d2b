import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Void } from './figures.mjs';
import { mustEnd, System } from './system.mjs';

const APPLICATION = 'bench';
const place = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A Slipway that may post to this machine, with an application to send messages in. */
export async function startSending(options = {}) {
  const system = await System.start({ ...options, env: { SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true' } });
  await call(system, 'POST', '/app?get_if_exists=true', { name: 'Bench', uid: APPLICATION });
  return system;
}

export function addEndpoint(system, subscribers, path) {
  return call(system, 'POST', `/app/${APPLICATION}/endpoint`, { url: `${subscribers.url}${path}` });
}

export const onEndpoint = (system, { id }, method, what, body) =>
  call(system, method, `/app/${APPLICATION}/endpoint/${id}${what}`, body);

async function call(system, method, path, body) {
  const response = await fetch(`${system.consoleUrl}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Creates messages from a process of its own; resolves when all were answered. Throws `Void` where one was refused. */
export async function createMessages(system, { count, perSecond, seconds, connections = 32, from = 0 }) {
  const child = childOf('creator.mjs');
  const url = `${system.consoleUrl}/api/v1/app/${APPLICATION}/msg`;
  child.process.send({ url, count, perSecond, seconds, connections, from });
  const book = await child.answer();
  const sent = [...book.statuses.entries()].filter(([, status]) => status !== -1);
  const refused = sent.filter(([, status]) => status !== 202);
  if (refused.length > 0) throw new Void(`${refused.length} messages were not taken, the first with ${refused[0][1]}.`);
  return { sentAt: new Map(sent.map(([n]) => [from + n, book.sentAt[n]])), endedAt: book.endedAt };
}

/** The receivers, in a process of their own. */
export class Subscribers {
  static async open() {
    const subscribers = new Subscribers();
    subscribers.child = childOf('subscribers.mjs');
    subscribers.url = `http://127.0.0.1:${(await subscribers.child.answer()).port}`;
    return subscribers;
  }

  /** When each message came to a path, by its number: every time, epoch ms. */
  async came(path) {
    return new Map((await this.#ask('report', path)).times);
  }

  async count(path) {
    return (await this.#ask('count', path)).messages;
  }

  isDown(path, down) {
    return this.#ask(down ? 'down' : 'up', path);
  }

  /** Throws `Void` where not all of them came within that time. */
  async until(path, messages, withinMs) {
    for (const until = performance.now() + withinMs; performance.now() < until; await delay(100))
      if ((await this.count(path)) >= messages) return;
    throw new Void(`${messages - (await this.count(path))} of ${messages} messages never came to ${path}.`);
  }

  close() {
    this.child.end();
  }

  #ask(ask, path) {
    this.child.process.send({ ask, path });
    return this.child.answer();
  }
}

function childOf(file) {
  const child = fork(place(file), { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const end = () => {
    child.kill('SIGKILL');
    ended();
  };
  const ended = mustEnd({ stop: async () => end(), kill: end });
  child.once('exit', ended);
  const waiting = [];
  child.on('message', (said) => waiting.shift()?.resolve(said));
  child.once('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${file} ended by itself (${code}).`));
  });
  const answer = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  return { process: child, answer, end };
}
