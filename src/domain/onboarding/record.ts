import type { LogEvent } from './log.js';
import type { OnboardingState } from './state.js';

/** Appends a dated entry to the decision log. Text is cut so that a long note cannot fill the state. */
export function record(state: OnboardingState, at: number, what: LogEvent, text: string): OnboardingState {
  const entry = { seq: state.nextLogSeq, at, what, text: text.length > 300 ? `${text.slice(0, 299)}…` : text };
  return { ...state, log: [...state.log, entry], nextLogSeq: state.nextLogSeq + 1 };
}
