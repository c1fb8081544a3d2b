/** Strongest first; the first one that holds is shown (design section 3). */
export const HEALTHS = ['done', 'waiting', 'at_risk', 'stuck', 'behind', 'on_track'] as const;
export type Health = (typeof HEALTHS)[number];
