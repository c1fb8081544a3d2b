import { type AskedErasure, ERASURE_STAGES, type ErasureStore } from '../../src/contracts/care.js';

/** Does an erasure as its workflow does, every pass page after page, and says how much it cleaned. */
export async function forget(
  erasures: ErasureStore,
  subject: AskedErasure['subject'],
): Promise<{ readonly id: string; readonly erased: number }> {
  const { id } = await erasures.ask({ subject, by: 'dpo', reason: 'Asked for.' });
  let erased = 0;
  for (const pass of ERASURE_STAGES)
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page: { cursor: string | null; erased: number } = await erasures.erase(id, pass, cursor);
      cursor = page.cursor;
      erased += page.erased;
    }
  await erasures.conclude(id);
  return { id, erased };
}
