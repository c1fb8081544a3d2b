import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { mustBeStored } from './archive.mjs';
import { Cluster } from './cluster.mjs';
import { eventId, loadEvent, onboardingId } from './events.mjs';
import { atMost, percentile, told, Void } from './figures.mjs';
import { Histories } from './histories.mjs';
import { SECRET } from './system.mjs';

const PER_SECOND = 200;
const ONBOARDINGS = 100;
const DRAINED_WITHIN_MS = 60_000;
const APPLIED_WITHIN_MS = 120_000;

/**
 * A deploy under load: servers and workers are restarted in turn while 200 events/s come in. The sender is what a load
 * balancer is: it knows who is ready, and takes another server where a connection was closed under it.
 */
export async function measure({ quick, say }) {
  const cluster = await Cluster.start();
  const sender = new Balanced(cluster);
  const restarts = quick ? 4 : 50;
  const drains = [];
  const load = sender.play();
  for (let nth = 0; nth < restarts; nth++) {
    const part = cluster.parts[nth % cluster.parts.length];
    drains.push(await part.stop());
    part.launch();
    await part.ready();
    await delay(300);
  }
  await sender.end();
  await load;
  say(
    `Rolling: ${restarts} restarts, ${sender.line}; a stop took ${percentile(drains, 0.5).toFixed(0)} ms, at most ${Math.max(...drains).toFixed(0)}`,
  );
  if (!(await cluster.isDrained(DRAINED_WITHIN_MS))) throw new Void('The inbox was not drained within a minute.');
  await mustBeStored(cluster, sender.books);
  const lost = await unapplied(cluster, sender.books);
  await cluster.stop();
  return [
    atMost(`answers other than 2xx in ${restarts} rolling restarts`, sender.refused, 'events', 0),
    atMost('acknowledged and lost in them', lost, 'events', 0),
    atMost('times that no server was ready for an event', sender.gaps, 'events', 0),
    told('connections closed under an event, taken to the other server', sender.closed, 'events'),
    told('slowest stop of a process', Math.max(...drains) / 1000, 's'),
  ];
}

/** How many acknowledged events no workflow has applied, by the histories of all. */
async function unapplied(cluster, books) {
  const histories = await Histories.open(cluster);
  try {
    const applied = await histories.whenApplied(books, APPLIED_WITHIN_MS);
    return books.acknowledgedIndexes.filter((index) => !applied.has(eventId('roll', index))).length;
  } finally {
    await histories.close();
  }
}

class Balanced {
  sent = 0;
  gaps = 0;
  refused = 0;
  closed = 0;
  acknowledgedIndexes = [];
  #isOver = false;
  #ready = [];
  #underWay = new Set();
  #agent = new Agent({ connections: 64, keepAliveTimeout: 4_000 });

  constructor(cluster) {
    this.cluster = cluster;
  }

  get books() {
    const acknowledged = this.acknowledgedIndexes;
    const shares = Array.from({ length: ONBOARDINGS }, (_, number) => ({
      id: onboardingId('roll', number),
      events: acknowledged.filter((index) => index % ONBOARDINGS === number).length,
    }));
    return { plan: { tag: 'roll' }, acknowledgedIndexes: acknowledged, shares };
  }

  get line() {
    return `${this.sent} sent = ${this.acknowledgedIndexes.length} acknowledged + ${this.refused} refused`;
  }

  async play() {
    await this.#look();
    const watch = this.#watch();
    const from = performance.now();
    while (!this.#isOver) {
      const due = Math.floor(((performance.now() - from) * PER_SECOND) / 1000);
      for (; this.sent < due; this.sent++) this.#begin(this.sent);
      await delay(5);
    }
    await Promise.all(this.#underWay);
    await watch;
  }

  async end() {
    this.#isOver = true;
  }

  #begin(index) {
    const post = this.#post(index).finally(() => this.#underWay.delete(post));
    this.#underWay.add(post);
  }

  async #post(index) {
    for (let tries = 0; ; tries++) {
      const server = this.#ready[(index + tries) % Math.max(1, this.#ready.length)];
      if (!server) {
        this.gaps++;
        await delay(50);
        continue;
      }
      try {
        const status = await this.#send(server, index);
        if (status === 200) this.acknowledgedIndexes.push(index);
        else this.refused++;
        return;
      } catch {
        this.closed++;
        await delay(50);
      }
    }
  }

  async #send(server, index) {
    const body = JSON.stringify(loadEvent('roll', index, ONBOARDINGS, Date.now()));
    const id = `msg_roll_${index}`;
    const timestamp = Math.floor(Date.now() / 1000);
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const answer = await request(`http://127.0.0.1:${server.port}/webhooks/pivotal`, {
      method: 'POST',
      body,
      dispatcher: this.#agent,
      headers: { 'svix-id': id, 'svix-timestamp': `${timestamp}`, 'svix-signature': `v1,${signature}` },
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  async #watch() {
    while (!this.#isOver || this.#underWay.size > 0) {
      await this.#look();
      await delay(100);
    }
    await this.#agent.close();
  }

  async #look() {
    const looks = await Promise.all(this.cluster.servers.map(async (server) => [server, await server.isReady()]));
    this.#ready = looks.filter(([, ready]) => ready).map(([server]) => server);
  }
}
