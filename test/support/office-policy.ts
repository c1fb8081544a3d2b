/** A small vendor in Berlin: Mia owns, Tom manages, Ana stands in, the ops desk catches what falls through. */
export const OFFICE = `
workspace: { time_zone: Europe/Berlin, calendar: office }
calendars:
  office: { time_zone: Europe/Berlin, hours: { mon-fri: "09:00-17:00" }, closed: ["2026-12-25"] }
  always: { time_zone: UTC, hours: { mon-sun: "00:00-24:00" } }
phases:
  - { name: kickoff, behind: 3 working days, stuck: 5 working days }
  - { name: integration, behind: 10 working days, stuck: 15 working days }
  - { name: uat, behind: 5 working days, stuck: 8 working days }
  - { name: launch, behind: 3 working days, stuck: 5 working days }
  - { name: adoption, behind: 20 working days, stuck: 30 working days }
states: { on_hold: paused, cancelled: closed }
people:
  - { id: mia, name: Mia Park, emails: [mia@vendor.example], pivotal_ids: [usr_17], manager: tom, calendar: office, channels: [hook] }
  - { id: tom, name: Tom Reyes, emails: [tom@vendor.example], calendar: office, channels: [hook] }
  - { id: ana, name: Ana Silva, emails: [ana@vendor.example], manager: tom, calendar: office, channels: [hook] }
  - { id: eva, name: Eva Lund, emails: [eva@vendor.example], calendar: office, channels: [hook] }
  - { id: ops, name: Ops Desk, emails: [ops@vendor.example], calendar: always, channels: [hook] }
roles: { exec_sponsor: eva }
channels:
  hook: { type: webhook, url: "https://ops.example/hook", secret_env: OPS_HOOK_SECRET }
  other: { type: webhook, url: "https://ops.example/other", secret_env: OPS_HOOK_SECRET }
ladders:
  nudge:
    - { after: 0 minutes, to: [owner] }
    - { after: 5 working days, to: [owner, manager] }
    - { after: 5 working days, to: [exec_sponsor], repeat: { every: 2 working days, times: 3 } }
  urgent:
    - { after: 0 minutes, to: [owner] }
    - { after: 4 working hours, to: [manager] }
    - { after: 1 working day, to: [exec_sponsor] }
rules:
  stuck_in_phase: { ladder: nudge }
  no_activity: { ladder: nudge, after: 5 working days }
  at_risk: { ladder: urgent, after: 0 minutes }
  target_near: { ladder: nudge, within: 5 working days }
  target_passed: { ladder: urgent }
  target_moved: { ladder: nudge, times: 3, days: 7 }
  waiting_too_long: { ladder: nudge, after: 10 working days }
  launched_not_completed: { ladder: nudge, after: 20 working days }
  customer_at_risk: { ladder: urgent }
  customer_churned: { ladder: nudge }
acknowledge: { expires_after: 3 working days }
cool_down: 1 working day
still_true_after: 10 working days
fallback: { to: [ops], channels: [hook] }
grace_after_completed: 30 days
`;

/** The same, with rules switched off by name, so that a story is about one of them. */
export function officeWithout(...rules: string[]): string {
  return rules.reduce((text, rule) => text.replace(new RegExp(`^  ${rule}:.*$`, 'm'), `  ${rule}: off`), OFFICE);
}
