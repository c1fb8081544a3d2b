import type { Dice } from './dice.js';
import type { Life } from './life.js';

/** What becomes of an onboarding. Written so that the demo's policy has something to say about each but the smooth. */
export type Fate = (life: Life, dice: Dice) => void;

const smooth: Fate = (life, dice) => {
  life.begin(24).work(dice.between(2, 3), 1).move('integration').work(dice.between(4, 6), 2).move('uat');
  finish(life, dice);
};

/** Work goes on, but the phase does not end. */
const stuck: Fate = (life, dice) => {
  life.begin(dice.between(20, 30)).work(3, 1).move('integration').work(dice.between(22, 30), 3).move('uat');
  finish(life, dice);
};

/** Nobody does anything any more. */
const silent: Fate = (life, dice) => {
  life.begin(28).work(3, 1).move('integration').work(2, 1).task().wait(dice.between(17, 24)).move('uat');
  finish(life, dice);
};

const atRisk: Fate = (life, dice) => {
  life.begin(28).work(3, 1).move('integration').work(4, 2).onboarding('onboarding.at_risk', {});
  life.work(dice.between(7, 10), 3).onboarding('onboarding.back_on_track', {}).work(2, 1).move('uat');
  finish(life, dice);
};

const waiting: Fate = (life, dice) => {
  life.begin(34).work(2, 1).move('integration').work(3, 1).state('waiting', { fixed: true });
  life.wait(dice.between(11, 14)).state('active').work(4, 2).move('uat');
  finish(life, dice);
};

/** On time at last, against a promise that was moved three times. */
const shifting: Fate = (life, dice) => {
  life.begin(13).work(3, 1).move('integration').work(4, 2).retarget(dice.between(8, 10));
  life.work(3, 1).retarget(dice.between(9, 12)).work(3, 2).move('uat').work(3, 1).retarget(12).work(3, 1);
  finish(life, dice);
};

const late: Fate = (life, dice) => {
  life.begin(11).work(3, 1).move('integration').work(6, 2).move('uat').work(5, 2);
  finish(life, dice);
};

/** The customer leaves, the sender pauses what is open, and weeks later it all comes back. */
const churnedAndBack: Fate = (life, dice) => {
  life
    .begin(40)
    .work(3, 1)
    .move('integration')
    .work(3, 2)
    .customer('customer.churned', { churned: true, status: 'churned' });
  life.soon(1).state('paused', { fixed: true }).wait(dice.between(11, 13));
  life.customer('customer.updated', { churned: false, status: 'active' }, { fixed: true }).soon(40);
  life.state('active', { fixed: true }).work(5, 2).move('uat');
  finish(life, dice);
};

const archived: Fate = (life) => {
  life.begin(25).work(3, 1).move('integration').work(5, 2).customer('customer.archived', { status: 'archived' });
};

/** One act told by three events, in the wrong order. */
const completedBesideAMove: Fate = (life, dice) => {
  life.begin(24).work(2, 1).move('integration').work(5, 2).move('uat').work(3, 1).move('launch').work(2, 1).launch();
  life.work(dice.between(4, 6), 2).move('completed', { delayMs: 2 * 3_600_000, dialect: 'envelope' });
  life.complete().state('completed', { dialect: 'envelope' });
};

/** Done too early: it is sent back, and done again. */
const sentBack: Fate = (life, dice) => {
  life.begin(22).work(2, 1).move('integration').work(4, 2).move('uat').work(2, 1).move('launch').work(1, 1).launch();
  life.work(3, 1).complete().wait(dice.between(4, 6)).move('uat').soon(1).state('active');
  life.work(4, 2).move('adoption').work(4, 2).complete();
};

/** Stuck with one owner, saved by another. */
const handedOver: Fate = (life, dice) => {
  life.begin(30).work(3, 1).move('integration').work(14, 3).handOver(life.otherOwner());
  life.work(dice.between(7, 9), 3).move('uat');
  finish(life, dice);
};

const customerInTrouble: Fate = (life, dice) => {
  life.begin(28).work(3, 1).move('integration').work(3, 1);
  life.customer('customer.health_score_dropped', { health_score: 41, previous_health_score: 78 }).soon(90);
  life.customer('customer.at_risk', { at_risk: true }).work(dice.between(6, 8), 2);
  life.customer('customer.updated', { at_risk: false, health_score: 80 }).wait(1).move('uat');
  finish(life, dice);
};

/** Nothing ever comes again. Somebody has to say that it is over. */
const abandoned: Fate = (life) => {
  life.begin(30).work(3, 2).task();
};

/** From UAT to the end, without trouble. */
function finish(life: Life, dice: Dice): void {
  life.work(dice.between(2, 4), 2).move('launch').work(dice.between(1, 2), 1).launch();
  life.work(dice.between(6, 10), 3).complete();
}

/** Two dozen lives: a quarter without trouble, each trouble at least once. A longer scenario begins again. */
// biome-ignore format: a list
export const FATES: readonly Fate[] = [
  smooth, smooth, smooth, smooth, smooth, stuck, stuck, stuck, silent, silent, atRisk, atRisk, waiting, waiting,
  shifting, shifting, late, churnedAndBack, archived, completedBesideAMove, sentBack, handedOver, customerInTrouble,
  abandoned,
];
