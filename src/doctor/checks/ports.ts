import { fail, ok, type Said } from '../finding.js';
import type { Observations } from '../observations.js';

/** The ports are free, or it is Slipway that listens on them. */
export function ports({ ports: seen }: Observations): readonly Said[] {
  const clash = seen.find(({ port }, at) => seen.some((other, i) => i > at && other.port === port));
  if (clash)
    return [
      fail(
        `Two listeners are set to port ${clash.port}.`,
        'Each needs one of its own.',
        `Set ${clash.variable} to another port.`,
      ),
    ];
  return seen.map(({ variable, port, state, detail }) => {
    if (state === 'ours') return ok(`Port ${port} (${variable}): Slipway listens.`);
    if (state === 'free') return ok(`Port ${port} (${variable}) is free.`);
    const what =
      state === 'taken'
        ? `Port ${port} (${variable}) is taken by another program.`
        : `Port ${port} (${variable}) cannot be listened on (${detail ?? 'refused'}).`;
    return fail(
      what,
      'Slipway does not start.',
      `Stop the other program, or set ${variable} to a free port, from 1024 on unless you are root.`,
    );
  });
}
