import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import {
  acknowledgeUpdate,
  closeUpdate,
  escalateUpdate,
  eventsSignal,
  holdUpdate,
  lookUpdate,
  noteUpdate,
  type OnboardingInput,
  policySignal,
  reassignUpdate,
  releaseUpdate,
  resolveUpdate,
  snoozeUpdate,
  standingSignal,
  stateQuery,
  viewQuery,
} from '../contracts/messages.js';
import type { Action, EscalationAction, OnboardingAction } from '../domain/escalation/action.js';
import { OnboardingRun } from './onboarding-run.js';

/**
 * One onboarding, from the first event of it until its grace time is over. Events, people and the clock change what is
 * known; one turn decides on all of it; then it waits for the one instant at which anything could change.
 */
export async function onboarding(input: OnboardingInput): Promise<void> {
  const run = new OnboardingRun(input);
  // Before the first await: signals that came with the start, or between two runs, are handed over here.
  listen(run);
  answer(run);
  for (;;) {
    await condition(() => run.isDue || (run.isOver && run.isIdle));
    // Handlers do not wait, so theirs is the end of this very task.
    await condition(allHandlersFinished);
    // Only when a message or an instant has just come: with it come all others of its task. The end of a local activity
    // comes alone, before messages that a replay hands over later in the same task, and those would be lost.
    // What is due is decided by the next run, first thing.
    if (run.isDue && run.isFull && run.isIdle) return await continueAsNew<typeof onboarding>(run.next());
    if (run.isDue) await run.decide();
    else if (await run.finish()) return;
  }
}

/** Signals: what happened. They are taken in while every worker is down, and nobody waits for an answer. */
function listen(run: OnboardingRun): void {
  setHandler(eventsSignal, (facts) => run.hearFacts(facts), { description: 'Events of this onboarding' });
  setHandler(standingSignal, (standing) => run.hearStanding(standing), {
    description: 'What the customer’s workflow says of the customer',
  });
  setHandler(policySignal, (published) => run.hearPolicy(published), { description: 'A new policy was published' });
  setDefaultSignalHandler((name) => run.hearUnknown(name));
  setHandler(viewQuery, () => run.view, { description: 'The onboarding as the API shows it' });
  setHandler(stateQuery, () => run.state, { description: 'Everything this workflow knows' });
}

/** Updates: what people ask for. They are refused or carried out at once, and the asker is told which. */
function answer(run: OnboardingRun): void {
  const escalation = (action: EscalationAction) => run.actOnEscalation(action);
  const whole = (action: OnboardingAction) => run.actOnOnboarding(action);
  setHandler(lookUpdate, () => {}, { validator: (what) => run.look(what), description: 'Answers by refusing' });
  const checked = (description: string) => ({ validator: (action: Action) => run.check(action), description });
  setHandler(acknowledgeUpdate, escalation, checked('Somebody has it: stop chasing until it expires'));
  setHandler(snoozeUpdate, escalation, checked('Stop chasing until then'));
  setHandler(resolveUpdate, escalation, checked('Done: stop chasing'));
  setHandler(reassignUpdate, escalation, checked('Chase somebody else, from level 1'));
  setHandler(escalateUpdate, escalation, checked('Go to the next level now'));
  setHandler(noteUpdate, escalation, checked('Add a note'));
  setHandler(holdUpdate, whole, checked('Hold the onboarding'));
  setHandler(releaseUpdate, whole, checked('End a hold that a person declared'));
  setHandler(closeUpdate, whole, checked('End the onboarding'));
}
