/** Fields of a record as the sender shows them. */
const PHASES = ['kickoff', 'integration', 'uat', 'launch', 'adoption'];

/** What an onboarding goes through in a run, again and again after its creation; nothing that anybody is chased for. */
const TURNS = ['task', 'task', 'updated', 'task', 'moved', 'task', 'updated', 'state', 'task', 'task'];

/** Event `index` of a run over so many onboardings, which take turns. Ids are unique within `tag`. */
export function loadEvent(tag, index, onboardings, at) {
  const id = onboardingId(tag, index % onboardings);
  const turn = Math.floor(index / onboardings);
  return { id: eventId(tag, index), created_at: new Date(at).toISOString(), ...ofTurn(id, turn, index) };
}

export const onboardingId = (tag, number) => `onb_${tag}_${number}`;
export const eventId = (tag, index) => `evt_${tag}_${index}`;

/** How many of `count` events concern onboarding `number` of `onboardings`. */
export function shareOf(count, onboardings, number) {
  return Math.floor(count / onboardings) + (number < count % onboardings ? 1 : 0);
}

function ofTurn(id, turn, index) {
  // Every tenth turn from the fifth on moves it to the next phase, until the last one is reached.
  const moves = Math.floor((turn + 5) / TURNS.length);
  const phase = Math.min(moves, PHASES.length - 1);
  if (turn === 0) return about('onboarding.created', record(id, 0), null);
  switch (TURNS[(turn - 1) % TURNS.length]) {
    case 'moved':
      return moves === phase
        ? about('onboarding.phase_changed', record(id, phase), { phase: PHASES[phase - 1] })
        : about('onboarding.updated', record(id, phase), null);
    case 'state':
      return about('onboarding.state_changed', record(id, phase), { state: 'active' });
    case 'updated':
      return about('onboarding.updated', record(id, phase), null);
    default:
      return about('task.completed', task(id, index), null);
  }
}

/** The envelope that the sender's first page shows. */
export function about(type, object, previous) {
  return {
    type,
    org_id: 'org_bench',
    livemode: true,
    api_version: 'v1',
    data: { object, previous_attributes: previous },
  };
}

export function record(id, phase, more = {}) {
  return {
    object: 'onboarding',
    id,
    customer_id: `cus_${id}`,
    display_id: 7,
    name: `Borealis ${id}`,
    phase: PHASES[phase],
    state: 'active',
    target_launch_date: '2031-06-30',
    owner_email: 'mia@vendor.example',
    ...more,
  };
}

export function task(onboarding, number) {
  return {
    object: 'task',
    id: `tsk_${number}`,
    onboarding_id: onboarding,
    customer_id: `cus_${onboarding}`,
    display_id: number,
    title: 'Exchange certificates for the staging tenant',
    completed_at: null,
    completed_by: 'portal:contact_1',
    assignee_email: 'ana@vendor.example',
  };
}
