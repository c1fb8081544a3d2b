import { type Simulation, simulate } from '../simulator/simulate.js';
import { createPage } from '../simulator/page.js';

export interface SimulateOptions extends Omit<Simulation, 'page' | 'seed' | 'isTerminal'> {
  /** Thrown where none is given, and shown, so that a run can be repeated. */
  readonly seed?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
}

const SEEDS = 100_000;

/**
 * `slipway simulate`: a fake Pivotal for a Slipway that runs elsewhere. Returns the exit code: 1 where an event was not
 * acknowledged or a forgery was. Throws `MalformedSecret`.
 */
export async function runSimulate({ env, out, seed, ...options }: SimulateOptions): Promise<number> {
  const isTerminal = out.isTTY === true;
  const page = createPage({ write: (text) => void out.write(text), isTerminal, env });
  return simulate({ ...options, seed: seedOr(seed), page, isTerminal });
}

export const seedOr = (given: number | undefined): number => given ?? Math.floor(Math.random() * SEEDS);
