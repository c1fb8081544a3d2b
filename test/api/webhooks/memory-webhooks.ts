import { InvalidCursor } from '../../../src/contracts/read-model.js';
import {
  type Application,
  type Attempt,
  type Created,
  type Destination,
  type Endpoint,
  type EndpointKey,
  type EndpointSettings,
  type EventType,
  type Listed,
  type ListQuery,
  type Message,
  type NewMessage,
  OWN_APPLICATIONS,
  type RecoveryTask,
  type Webhooks,
} from '../../../src/contracts/webhooks.js';

/** Outgoing webhooks without a store, for tests of the console as a whole. Those of the calls themselves run on PostgreSQL. */
export class MemoryWebhooks implements Webhooks {
  readonly apps: Application[];
  readonly types: EventType[] = [];
  readonly made: Endpoint[] = [];
  readonly sent: (Message & Pick<NewMessage, 'orderKey' | 'onlyTo' | 'idempotencyKey'>)[] = [];
  readonly tried: Attempt[] = [];
  readonly goingTo: Destination[] = [];
  readonly secrets = new Map<string, string>();
  readonly asked: { readonly what: string; readonly of: string }[] = [];
  readonly #now: () => number;
  #made = 0;

  constructor(now: () => number) {
    this.#now = now;
    const own = { rateLimit: null, metadata: {}, createdAt: 0, updatedAt: 0 };
    this.apps = Object.values(OWN_APPLICATIONS).map((one) => ({ ...one, ...own }));
  }

  readonly applications: Webhooks['applications'] = {
    find: async (ref) => this.apps.find(({ id, uid }) => id === ref || uid === ref),
    create: async (wanted) => {
      if (this.apps.some(({ uid }) => uid !== null && uid === wanted.uid)) return 'taken';
      return this.#keep(this.apps, { ...wanted, ...this.#new('app_') });
    },
    update: async (id, wanted) => {
      if (this.apps.some((one) => one.id !== id && one.uid !== null && one.uid === wanted.uid)) return 'taken';
      return this.#change(this.apps, (one) => one.id === id, wanted) ?? 'taken';
    },
    remove: async (id) => {
      if (this.made.some(({ application }) => application === id)) return false;
      return drop(this.apps, (one) => one.id === id);
    },
    list: async (query) => pageOf(this.apps, query),
  };

  readonly eventTypes: Webhooks['eventTypes'] = {
    find: async (name) => this.types.find((one) => one.name === name),
    create: async (wanted) => {
      if (this.types.some(({ name }) => name === wanted.name)) return 'taken';
      return this.#keep(this.types, { ...wanted, ...this.#new(''), own: false });
    },
    update: async (wanted) => this.#change(this.types, ({ name }) => name === wanted.name, wanted),
    remove: async (name, expunge) => {
      if (!expunge) return this.#change(this.types, (one) => one.name === name, { archived: true }) !== undefined;
      return drop(this.types, (one) => one.name === name);
    },
    list: async ({ archived, ...query }) => {
      const shown = this.types.filter((one) => archived || !one.archived);
      return pageOf(shown.map((one) => ({ ...one, id: one.name })).toSorted(byId), query);
    },
    publish: async (catalogue) => {
      for (const type of catalogue) this.#keep(this.types, { ...type, ...this.#new(''), own: true });
    },
  };

  readonly endpoints: Webhooks['endpoints'] = {
    find: async (application, ref) =>
      this.made.find((one) => one.application === application && (one.id === ref || one.uid === ref)),
    list: async (application, query) =>
      pageOf(
        this.made.filter((one) => one.application === application),
        query,
      ),
    create: async (application, settings, secret = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz') => {
      if (this.#isTaken({ application, id: '' }, settings)) return 'taken';
      const endpoint = this.#keep<Endpoint>(this.made, {
        ...settings,
        ...this.#new('ep_'),
        application,
        disabled: settings.disabled ? 'operator' : null,
        failures: 0,
        version: 1,
      });
      this.secrets.set(endpoint.id, secret);
      return endpoint;
    },
    update: async (before, settings) => {
      if (this.#isTaken(before, settings)) return 'taken';
      const { id, version } = before;
      const now = this.made.find((one) => one.id === id);
      if (now && (now.version !== version || now.disabled !== before.disabled)) return 'changed';
      const disabled = settings.disabled ? (before.disabled ?? 'operator') : null;
      return this.#change(this.made, (one) => one.id === id, { ...settings, disabled, version: version + 1 });
    },
    remove: async ({ id }) => drop(this.made, (one) => one.id === id),
    secret: async ({ id }) => this.secrets.get(id),
    rotate: async (
      { id },
      secret = `whsec_${Buffer.from(`made-for-the-${++this.#made}.-time-`.padEnd(24)).toString('base64')}`,
    ) => {
      this.secrets.set(id, secret);
      return true;
    },
    stats: async () => ({ success: 1, pending: 2, sending: 3, fail: 4 }),
  };

  readonly messages: Webhooks['messages'] = {
    create: async (ref, { onlyTo, ...wanted }): Promise<Created> => {
      const application = this.apps.find(({ id, uid }) => id === ref || uid === ref)?.id;
      if (application === undefined) return { outcome: 'unknown_application' };
      const of = this.sent.filter((one) => one.application === application);
      const repeated = of.find((one) => one.idempotencyKey !== null && one.idempotencyKey === wanted.idempotencyKey);
      if (repeated) return { outcome: 'repeated', message: repeated };
      if (of.some((one) => one.eventId !== null && one.eventId === wanted.eventId))
        return { outcome: 'event_id_taken' };
      const { id } = this.#new('msg_');
      const message = { ...wanted, ...(onlyTo === undefined ? {} : { onlyTo }), id, application, at: this.#now() };
      return { outcome: 'created', message: this.#keep(this.sent, message) };
    },
    find: async (application, ref) =>
      this.sent.find((one) => one.application === application && (one.id === ref || one.eventId === ref)),
    list: async (application, { eventTypes, channel, tag, before, after, ...query }) =>
      pageOf(
        this.sent.filter(
          (one) =>
            one.application === application &&
            (eventTypes?.includes(one.eventType) ?? true) &&
            (channel === null || one.channels?.includes(channel)) &&
            (tag === null || one.tags?.includes(tag)) &&
            one.at < (before ?? Infinity) &&
            one.at >= (after ?? 0),
        ),
        query,
      ),
  };

  readonly attempts: Webhooks['attempts'] = {
    ofMessage: async (_application, id, query) =>
      pageOf(
        this.#tried(query).filter((one) => one.messageId === id),
        query,
      ),
    ofEndpoint: async ({ id }, query) =>
      pageOf(
        this.#tried(query).filter((one) => one.endpointId === id),
        query,
      ),
    find: async (_application, messageId, id) => this.tried.find((one) => one.messageId === messageId && one.id === id),
    destinations: async (_application, _messageId, query) =>
      pageOf(
        this.goingTo.map((one) => ({ ...one, id: one.endpoint.id })),
        query,
      ),
  };

  readonly recovery: Webhooks['recovery'] = {
    resend: async ({ id }, message) => this.asked.push({ what: 'resend', of: `${message} ${id}` }) > 0,
    recover: async ({ id }) => this.#task('endpoint.recover', id),
    replayMissing: async ({ id }) => this.#task('endpoint.replay', id),
  };

  #task(task: RecoveryTask['task'], of: string): RecoveryTask {
    this.asked.push({ what: task, of });
    return { id: `qtask_${++this.#made}`, task, status: 'finished', deliveries: 2 };
  }

  #tried({
    endpointId,
    succeeded,
    statusClass,
    eventTypes,
    channel,
    tag,
  }: Parameters<Webhooks['attempts']['ofMessage']>[2]) {
    const messageOf = (id: string) => this.sent.find((one) => one.id === id);
    return this.tried.filter(
      (one) =>
        (channel === null || messageOf(one.messageId)?.channels?.includes(channel) === true) &&
        (tag === null || messageOf(one.messageId)?.tags?.includes(tag) === true) &&
        (endpointId ?? one.endpointId) === one.endpointId &&
        (succeeded ?? one.succeeded) === one.succeeded &&
        (statusClass === null || Math.floor(one.status / 100) === statusClass) &&
        (eventTypes?.includes(one.eventType) ?? true),
    );
  }

  #isTaken(key: EndpointKey, { uid }: EndpointSettings): boolean {
    return this.made.some(
      (one) => one.application === key.application && one.id !== key.id && one.uid !== null && one.uid === uid,
    );
  }

  #new(prefix: string) {
    const at = this.#now();
    return { id: `${prefix}${String(++this.#made).padStart(27, '0')}`, createdAt: at, updatedAt: at };
  }

  #keep<T>(all: T[], one: T): T {
    all.push(one);
    return one;
  }

  #change<T>(all: T[], is: (one: T) => boolean, to: Partial<T>): T | undefined {
    const at = all.findIndex(is);
    const before = all[at];
    if (!before) return undefined;
    const after = { ...before, ...to, updatedAt: this.#now() };
    all[at] = after;
    return after;
  }
}

function drop<T>(all: T[], is: (one: T) => boolean): boolean {
  const at = all.findIndex(is);
  if (at >= 0) all.splice(at, 1);
  return at >= 0;
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { limit, iterator, order }: ListQuery,
): Listed<T> {
  const sorted = order === 'ascending' ? all : all.toReversed();
  const isBack = iterator?.startsWith('-') ?? false;
  const at = iterator === null ? -1 : sorted.findIndex(({ id }) => id === iterator.replace(/^-/, ''));
  if (iterator !== null && at < 0) throw new InvalidCursor(iterator);
  const beyond = isBack ? sorted.slice(0, at) : sorted.slice(at + 1);
  const data = isBack ? beyond.slice(-limit) : beyond.slice(0, limit);
  const [first, last] = [data[0], data.at(-1)];
  return {
    data,
    iterator: last?.id ?? null,
    prevIterator: first ? `-${first.id}` : null,
    done: beyond.length <= limit,
  };
}
