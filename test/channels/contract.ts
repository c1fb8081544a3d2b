import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, type ChannelMessage, LONGEST_TEXT } from '../../src/channels/channel.js';
import type { FailureWord } from '../../src/contracts/activities.js';
import { ChannelFailure } from '../../src/contracts/failures.js';
import { messageOf } from './message.js';

/** What the other side took: the id it can tell repeats by, and everything as it came. */
export interface Taken {
  readonly id: string;
  readonly raw: string;
}

/** A channel before a real other side that speaks only as told. */
export interface Bench<Behaviour> {
  readonly channel: Channel;
  expects(...behaviours: Behaviour[]): void;
  taken(): readonly Taken[];
  /** Fails where something came that nobody expected, or something expected never came. */
  verify(): void;
  close(): Promise<void>;
}

export interface ChannelContract<Behaviour> {
  readonly open: () => Promise<Bench<Behaviour>>;
  readonly accept: Behaviour;
  /** Absent where there is no other side to fail. */
  readonly failures?: {
    readonly table: readonly (readonly [Behaviour, FailureWord, retryAfterMs?: number])[];
    /** Takes the message and never answers. */
    readonly hang: Behaviour;
  };
  /** Occurs in the channel's settings or in a message and must never be shown. */
  readonly secrets: readonly string[];
}

/** What the bench gives a call at most. */
export const BENCH_TIMEOUT_MS = 1_000;

/** Every channel promises the same. */
export function describeChannel<Behaviour>(name: string, contract: ChannelContract<Behaviour>): void {
  const { accept, failures, secrets } = contract;
  describe(`${name} channel`, () => {
    let bench: Bench<Behaviour>;
    beforeEach(async () => {
      bench = await contract.open();
    });
    afterEach(async () => {
      await bench.channel.close();
      await bench.close();
      bench.verify();
    });

    const send = (more: Partial<ChannelMessage> = {}, signal = new AbortController().signal) =>
      bench.channel.send(messageOf(more), signal);
    const failureOf = (sending: Promise<unknown>): Promise<ChannelFailure> =>
      sending.then(
        () => expect.fail('was expected to fail'),
        (error: unknown) => {
          expect(error).toBeInstanceOf(ChannelFailure);
          return error as ChannelFailure;
        },
      );

    it('delivers one message in one call and tells the id it is known by', async () => {
      bench.expects(accept);

      const delivery = await send();

      expect(bench.taken()).toHaveLength(1);
      expect(delivery.providerId).toBe(bench.taken()[0]?.id);
    });

    it('carries one id for one key, whatever else has changed, and another for another', async () => {
      bench.expects(accept, accept, accept);

      await send({ key: 'k/1', text: 'first try' });
      await send({ key: 'k/1', text: 'second try' });
      await send({ key: 'k/2' });

      const [first, second, other] = bench.taken().map((taken) => taken.id);
      expect(second).toBe(first);
      expect(other).not.toBe(first);
    });

    it('makes an id without personal data even where the key holds some', async () => {
      bench.expects(accept);

      const { providerId } = await send({ key: 'k/jos\u00e9@vendor.example' });

      expect(providerId).not.toMatch(/jos/);
    });

    it('cuts a text of a megabyte', async () => {
      bench.expects(accept);

      await send({ text: 'x'.repeat(1_000_000) });

      const [taken] = bench.taken();
      expect(taken?.raw.length).toBeLessThan(LONGEST_TEXT * 8);
    });

    it('sends nothing where it was stopped before', async () => {
      const reason = new Error('no longer wanted');

      await expect(send({}, AbortSignal.abort(reason))).rejects.toBe(reason);

      expect(bench.taken()).toEqual([]);
    });

    if (!failures) return;

    for (const [behaviour, word, retryAfterMs] of failures.table) {
      const wait = retryAfterMs === undefined ? '' : `, to be retried in ${retryAfterMs} ms`;
      it(`takes ${JSON.stringify(behaviour)} for ${word}${wait}, shows no secret, and goes on`, async () => {
        bench.expects(behaviour, accept);

        const failure = await failureOf(send());

        expect([failure.word, failure.retryAfterMs]).toEqual([word, retryAfterMs]);
        expect(failure.message).toMatch(new RegExp(`[Cc]hannel ${bench.channel.name}\\b.*\\.$`));
        for (const secret of secrets) expect(`${failure.message} ${failure.stack}`).not.toContain(secret);
        await send();
      });
    }

    it('does not wait for ever, and says that the message may have arrived', async () => {
      bench.expects(failures.hang);
      const startedAt = performance.now();

      const failure = await failureOf(send());

      expect(failure.word).toBe('OutcomeUnknown');
      expect(performance.now() - startedAt).toBeLessThan(BENCH_TIMEOUT_MS * 3);
    });

    it('waits for the outcome where it is stopped on the wire', async () => {
      bench.expects(failures.hang);
      const stop = new AbortController();
      const sending = failureOf(send({}, stop.signal));
      await expect.poll(() => bench.taken().length, { interval: 5 }).toBe(1);

      stop.abort();

      expect((await sending).word).toBe('OutcomeUnknown');
    });
  });
}
