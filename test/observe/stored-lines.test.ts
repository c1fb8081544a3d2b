import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type LogFields, SILENT } from '../../src/contracts/observer.js';
import { StoredLines } from '../../src/ingress/stored-lines.js';
import { arrival, ping } from '../store/arrivals.js';

describe('the lines of stored events', () => {
  const logged: [string, LogFields | undefined][] = [];
  const lines = () => {
    logged.length = 0;
    return new StoredLines({ ...SILENT, log: (_, message, fields) => void logged.push([message, fields]) });
  };

  it('tell all of one that came alone', async () => {
    lines().tell(arrival('evt_1'), false);
    await turn();

    const fields = { delivery: 'msg_evt_1', event: 'evt_1', source: 'pivotal', type: 'onboarding.phase_changed' };
    expect(logged).toEqual([['event stored', { ...fields, workflow: 'onboarding/main/onb_1' }]]);
  });

  it('tell of several that shared a commit where each is, a hundred in a line', async () => {
    const both = lines();
    for (let n = 0; n < 150; n++) both.tell(ping(`evt_${n}`), false);
    both.tell(arrival('evt_again'), true);
    await turn();

    expect(logged.map(([message, fields]) => [message, fields?.events])).toEqual([
      ['events stored', 100],
      ['events stored', 50],
      ['events repeated', 1],
    ]);
    const told = logged.flatMap(([, fields]) => String(fields?.deliveries).split(' '));
    expect(told).toEqual([...Array.from({ length: 150 }, (_, n) => `msg_evt_${n}`), 'msg_evt_again']);
  });
});
