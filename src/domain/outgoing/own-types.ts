/** What Slipway has to tell of its own work. */
export const ESCALATION_TYPES = [
  'escalation.opened',
  'escalation.notified',
  'escalation.acknowledged',
  'escalation.snoozed',
  'escalation.resolved',
] as const;
export type EscalationType = (typeof ESCALATION_TYPES)[number];

export const ONBOARDING_TYPES = ['onboarding.health_changed', 'onboarding.stuck', 'onboarding.target_moved'] as const;
export type OnboardingType = (typeof ONBOARDING_TYPES)[number];

/** Of the sending itself, for whoever runs it. */
export const ENDPOINT_TYPES = ['endpoint.failing', 'endpoint.disabled'] as const;
export const PING_TYPE = 'webhook.ping';
