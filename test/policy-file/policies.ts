/** Tuesday. */
export const NOW = Date.parse('2026-11-24T12:00:00Z');

/** Every key of the file, each with another value than its default. */
export const FULL_POLICY = `
workspace: { time_zone: Europe/Berlin, calendar: office }
calendars:
  office: { time_zone: Europe/Berlin, hours: { mon-fri: "09:00-17:00" }, holidays: { country: DE, region: BE }, closed: ["2026-12-24"] }
  always: { time_zone: UTC, hours: { mon-sun: "00:00-24:00" } }
  new_york: { time_zone: America/New_York, hours: { mon-thu: "09:00-12:00, 13:00-18:00", fri: "09:00-15:00" }, holidays: { country: US } }
phases:
  - { name: kickoff,     behind: 3 working days,  stuck: 5 working days }
  - { name: integration, behind: 10 working days, stuck: 15 working days }
  - { name: go-live }
default_phase: { behind: 2 days, stuck: 4 days }
states: { on_hold: paused, cancelled: closed }
people:
  - { id: mia, name: Mia Park, emails: [Mia@Vendor.example, m.park@vendor.example], pivotal_ids: [usr_17], manager: tom, calendar: office, channels: [hook, email], time_off: [{ from: 2026-12-01, to: 2026-12-05, delegate: ana }] }
  - { id: tom, name: Tom Reyes, emails: [tom@vendor.example], calendar: new_york, channels: [email], time_off: [{ from: 2026-12-01, to: 2026-12-01 }] }
  - { id: ana, emails: [ana@vendor.example] }
  - { id: desk }
sources:
  pivotal: { mode: live, workspace: emea, secret_env: PIVOTAL_WEBHOOK_SECRET, tolerance: 10 minutes }
  sandbox: { mode: test, secret_env: PIVOTAL_TEST_WEBHOOK_SECRET }
roles: { exec_sponsor: tom }
channels:
  log:   { type: log }
  hook:  { type: webhook, url: "https://ops.example/hook", secret_env: OPS_HOOK_SECRET }
  email: { type: email, smtp_url_env: SMTP_URL, from: "Slipway <slipway@vendor.example>" }
ladders:
  nudge:
    - { after: 0 minutes,      to: [owner] }
    - { after: 5 working days, to: [owner, manager] }
    - { after: 5 working days, to: [exec_sponsor], channels: [hook], repeat: { every: 2 working days, times: 3 } }
  steep:
    - { after: 4 working hours, to: [owner, desk, hook] }
rules:
  stuck_in_phase:       { ladder: steep, severity: high, any_hour: true }
  no_activity:          off
  at_risk:              { ladder: urgent, after: 30 minutes }
  target_near:          { ladder: nudge, within: 7 days }
  target_passed:        { ladder: urgent, severity: normal }
  target_moved:         { ladder: nudge, times: 2, days: 14 }
  waiting_too_long:     { ladder: nudge, after: { waiting: 10 working days, paused: 20 working days } }
  launched_not_completed: { ladder: nudge, after: 25 working days }
  customer_at_risk:     { ladder: urgent }
acknowledge: { expires_after: 2 working days }
cool_down: 2 working days
still_true_after: off
settle: 3 minutes
catch_up: 1 hour
fallback: { to: [tom], channels: [hook, log] }
grace_after_completed: 60 days
retention: { events: 120 days, rejections: 10 days, sends: 60 days, audit: 500 days, sources: { sandbox: 14 days, pivotal: 95 days } }
`;
