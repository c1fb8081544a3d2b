import type { Kysely } from 'kysely';
import type { ErasurePass } from '../../contracts/care.js';
import type { Tables } from '../tables.js';
import { eraseAnswers } from './erase-answers.js';
import { eraseApplications, eraseEndpoints } from './erase-applications.js';
import { eraseArchive, learnFromArchive } from './erase-archive.js';
import { eraseAttempts } from './erase-attempts.js';
import { eraseAudit } from './erase-audit.js';
import { eraseMessages } from './erase-messages.js';
import { eraseDecisions, eraseEscalations, eraseOnboardings } from './erase-read-model.js';
import { eraseSends } from './erase-sends.js';
import type { Erased, Scope } from './scope.js';

/** Cleans one page, from `cursor` on; null for the first. */
type Pass = (db: Kysely<Tables>, scope: Scope, cursor: string | null) => Promise<Erased>;

/**
 * What each pass that the workflow asks for goes through. Open workflows hold the list of passes, so what came later is a
 * part of one that was there.
 */
export const PASSES: Readonly<Record<ErasurePass, Pass>> = {
  learn: learnFromArchive,
  archive: eraseArchive,
  onboardings: eraseOnboardings,
  escalations: eraseEscalations,
  decision_log: eraseDecisions,
  sends: oneByOne(eraseSends, [
    ['outgoing:', eraseMessages],
    ['attempts:', eraseAttempts],
    // Endpoints first: what tells whose an application is may go with its words.
    ['endpoints:', eraseEndpoints],
    ['applications:', eraseApplications],
  ]),
  audit: oneByOne(eraseAudit, [['answers:', eraseAnswers]]),
};

/** The cursor of each part but the first begins with its name, as none of the first's does. */
function oneByOne(first: Pass, others: readonly (readonly [name: string, Pass])[]): Pass {
  return async (db, scope, cursor) => {
    const at = others.findIndex(([name]) => cursor?.startsWith(name));
    const [name, pass] = others[at] ?? ['', first];
    const page = await pass(db, scope, cursor?.slice(name.length) || null);
    if (page.cursor !== null) return { ...page, cursor: name + page.cursor };
    return { ...page, cursor: others[at + 1]?.[0] ?? null };
  };
}
