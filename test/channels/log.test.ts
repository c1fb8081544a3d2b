import { describe, expect, it } from 'vitest';
import { createLogChannel } from '../../src/channels/log.js';
import { SILENT, type Observer } from '../../src/contracts/observer.js';
import { type Bench, describeChannel } from './contract.js';
import { messageOf } from './message.js';

function recording(): { observer: Observer; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    observer: { ...SILENT, log: (level, text, fields) => lines.push(JSON.stringify({ level, text, ...fields })) },
  };
}

function open(): Promise<Bench<'line'>> {
  const { observer, lines } = recording();
  let expected = 0;
  return Promise.resolve({
    channel: createLogChannel('log', observer),
    expects: (...more) => {
      expected += more.length;
    },
    taken: () => lines.map((raw) => ({ id: (JSON.parse(raw) as { id: string }).id, raw })),
    verify: () => expect(lines).toHaveLength(expected),
    close: () => Promise.resolve(),
  });
}

describeChannel<'line'>('log', { open, accept: 'line', secrets: [] });

describe('a line of the log channel', () => {
  it('tells which escalation of which onboarding was due at which level', async () => {
    const { observer, lines } = recording();

    await createLogChannel('log', observer).send(messageOf(), new AbortController().signal);

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      escalation_level: 2,
      text: 'escalation notified',
      onboarding: 'onb_42',
      escalation: 'esc_live~main~onb_42~1',
      rule: 'stuck_in_phase',
    });
  });

  it('names neither person nor customer', async () => {
    const { observer, lines } = recording();
    const recipient = { id: 'kim@vendor.example', name: 'Kim Lee', email: 'kim@vendor.example' };

    await createLogChannel('log', observer).send(messageOf({ recipient }), new AbortController().signal);

    for (const personal of ['kim', 'Kim', 'mia', 'Borealis', 'working days']) expect(lines[0]).not.toContain(personal);
  });
});
