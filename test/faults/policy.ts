import { CAST } from '../../src/simulator/cast.js';
import type { Ladder } from './parts/ladder.js';

/** Virtual time of the harness: an hour passes in a second, so that ladders of hours climb while something is broken. */
export const SPEED = 3_600;

/** Both ladders below. */
export const LADDER: Ladder = { levels: 3, repeats: 1 };

/** The policy under faults: everybody is told through the receiver, at any hour, and no wait of its own is longer than twelve real seconds. */
export function faultPolicy(hookUrl: string): string {
  const people = CAST.map(
    ({ id, name, email, temper }) =>
      `  - { id: ${id}, name: ${name}, emails: [${email}], ${temper === 'sponsor' ? '' : `manager: ${temper === 'manager' ? 'vera' : 'tom'}, `}channels: [hook] }`,
  );
  return `
workspace: { time_zone: UTC, calendar: always }
calendars:
  always: { time_zone: UTC, hours: { mon-sun: "00:00-24:00" } }
phases:
  - { name: kickoff, behind: 4 hours, stuck: 6 hours }
  - { name: integration, behind: 6 hours, stuck: 10 hours }
  - { name: uat, behind: 4 hours, stuck: 6 hours }
  - { name: launch, behind: 4 hours, stuck: 6 hours }
  - { name: adoption, behind: 8 hours, stuck: 12 hours }
people:
${people.join('\n')}
roles: { exec_sponsor: vera }
channels:
  log: { type: log }
  hook: { type: webhook, url: "${hookUrl}", secret_env: FAULTS_HOOK_SECRET }
ladders:
  nudge:
    - { after: 0 minutes, to: [owner] }
    - { after: 2 hours, to: [owner, manager] }
    - { after: 2 hours, to: [exec_sponsor], repeat: { every: 3 hours, times: ${LADDER.repeats} } }
  urgent:
    - { after: 0 minutes, to: [owner] }
    - { after: 1 hour, to: [manager] }
    - { after: 2 hours, to: [exec_sponsor], repeat: { every: 3 hours, times: ${LADDER.repeats} } }
rules:
  stuck_in_phase: { ladder: nudge }
  no_activity: { ladder: nudge, after: 10 hours }
  at_risk: { ladder: urgent, after: 0 minutes }
  target_near: off
  target_passed: off
  target_moved: { ladder: nudge, times: 3, days: 7 }
  waiting_too_long: { ladder: nudge, after: 8 hours }
  launched_not_completed: { ladder: nudge, after: 10 hours }
  customer_at_risk: { ladder: urgent }
  customer_churned: { ladder: nudge }
acknowledge: { expires_after: 6 hours }
cool_down: 12 hours
still_true_after: off
settle: 2 minutes
catch_up: 30 minutes
fallback: { to: [vera], channels: [hook] }
grace_after_completed: 6 hours
`;
}
