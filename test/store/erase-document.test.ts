import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learn } from '../../src/store/erase/body.js';
import { blank, masked, maskedKey, without } from '../../src/store/erase/document.js';
import { NOBODY, Person, type PersonWords } from '../../src/store/erase/person.js';

const jane = new Person({ emails: ['jane@customer.example'], names: ['Jane Ó Canary'], contacts: ['con_1'] });

describe('a person in a text', () => {
  it.each([
    ['jane@customer.example', '[erased]'],
    ['Mail <JANE@Customer.Example>.', 'Mail <[erased]>.'],
    ['asked jane  ó\ncanary twice, Jane Ó Canary', 'asked [erased] twice, [erased]'],
    ['mary-jane@customer.example', 'mary-jane@customer.example'],
    ['jane@customer.examples', 'jane@customer.examples'],
    ['Marijane Ó Canary', 'Marijane Ó Canary'],
    ['Jane is back, con_1 too', 'Jane is back, con_1 too'],
  ])('%j becomes %j', (text, left) => {
    expect(jane.without(text)).toBe(left);
    expect(jane.isIn(text)).toBe(text !== left);
  });

  it('is gone from any document, wherever it stood, and everything else is as it was', () => {
    const name = fc.string();
    const text = fc.oneof(fc.string(), fc.constant(' jane@customer.example, '), fc.constant('(Jane Ó Canary)'));
    const document = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(name, tie('any')),
      ),
    })).any;
    fc.assert(
      fc.property(document, (whole) => {
        const cleaned = without(whole, jane);
        expect(JSON.stringify(cleaned)).not.toMatch(/jane@customer\.example|Jane Ó Canary/);
        expect(without(cleaned, jane)).toEqual(cleaned);
        if (!JSON.stringify(whole)?.match(/jane/i)) expect(cleaned).toEqual(whole);
      }),
    );
  });
});

describe('a document without what people wrote', () => {
  it('keeps ids, instants and words of closed lists', () => {
    const kept = {
      id: 'onb_1',
      customer_id: 'cus_1',
      phase: 'uat',
      created_at: '2026-11-02T09:00:00.000Z',
      target: {
        first: '2026-12-01',
        shifts: [{ from: '2026-11-01', to: '2026-12-01', at: '2026-11-02T09:00:00.000Z' }],
      },
      escalations: [{ rule: 'at_risk', status: 'open', level: 2, sends: [{ channel: 'log', kind: 'notified' }] }],
      standing: { flags: [{ name: 'churned', since: 1 }], carriers: { churned: 'onb_2' }, others: ['onb_3'] },
    };
    expect(blank(kept)).toEqual(kept);
  });

  it('loses every name, address and sentence, and every text under a key that is not known', () => {
    const said = {
      name: 'A',
      owner: 'a@b.example',
      escalations: [{ id: 'e', reason: 'B', evidence: ['C'], notes: [{ by: { id: 'jane', name: 'D' }, text: 'E' }] }],
      flags: [{ name: 'not a flag' }],
      what: { action: { verb: 'reassign', to: { id: 'jane', emails: ['x@y.example'] } } },
      phase: 'ask jane@customer.example',
      something_new: 'F',
    };
    expect(JSON.stringify(blank(said))).toBe(
      '{"name":"[erased]","owner":"[erased]","escalations":[{"id":"e","reason":"[erased]","evidence":["[erased]"],"notes":[{"by":{"id":"[erased]","name":"[erased]"},"text":"[erased]"}]}],"flags":[{"name":"[erased]"}],"what":{"action":{"verb":"reassign","to":{"id":"[erased]","emails":["[erased]"]}}},"phase":"[erased]","something_new":"[erased]"}',
    );
  });

  it('tells two recipients of a message apart and names neither', () => {
    const [one, other] = ['a@x.example', 'b/c@x.example'].map((who) => maskedKey(`esc_1/notified/1/0/log/${who}`));
    expect(one).toMatch(/^esc_1\/notified\/1\/0\/log\/erased-[0-9a-f]{12}$/);
    expect(other).toMatch(/^esc_1\/notified\/1\/0\/log\/erased-[0-9a-f]{12}$/);
    expect(one).not.toBe(other);
    expect(maskedKey(one as string)).toBe(one);
    expect(masked(masked('a@x.example'))).toBe(masked('a@x.example'));
  });
});

describe('what a body tells of a person', () => {
  const record = { id: 'con_1', name: 'Jane Canary', email: 'Jane@Customer.example', title: 'CTO' };
  const words = { emails: ['jane@customer.example'], names: ['Jane Canary'], contacts: ['con_1'] };
  const known = (more: Partial<PersonWords>) => new Person({ ...NOBODY, ...more });

  it('is learned from a contact record, by its id or its address', () => {
    const body = { data: { object: record } };
    expect(learn(body, known({ contacts: ['con_1'] }), false)).toEqual(words);
    expect(learn(body, known({ emails: ['jane@customer.example'] }), false)).toEqual(words);
    expect(learn(body, known({ contacts: ['con_2'] }), false)).toEqual(NOBODY);
    expect(learn(body, known({}), true)).toEqual(words);
  });

  it('leaves out a first name alone, which many have', () => {
    expect(learn({ ...record, name: 'Jane' }, known({ contacts: ['con_1'] }), false).names).toEqual([]);
  });
});
