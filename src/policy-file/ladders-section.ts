import { z } from 'zod';
import { section } from './section.js';
import { duration, name } from './words.js';

const repeat = section({
  every: duration('Time between two rounds.', { positive: true }),
  times: z.int().min(1).max(100).meta({ description: 'How many times the level is told again.' }),
});

const level = section({
  after: duration('Time since the level before reached somebody; for the first level, since the escalation opened.'),
  to: z
    .array(name('A role, a person or a channel.'))
    .min(1, { error: 'names nobody: write whom this level tells, such as [owner]' })
    .meta({
      description:
        'Whom to tell: `owner`, `csm`, `se`, `designer`, `product_ops`, `manager`, a role of this file, the id of a person, or the name of a channel.',
    }),
  channels: z
    .array(name('Name of a channel.'))
    .min(1, { error: "names no channel: name one, or leave the key out for each person's own" })
    .optional()
    .meta({ description: "Channels for this level. Default: each recipient's own." }),
  repeat: repeat.optional().meta({ description: 'Tells the level again while nobody acts.' }),
});

export const ladders = z
  .record(
    name('Name of the ladder.'),
    z.array(level).min(1, { error: 'has no level: write at least one, such as { after: 0 minutes, to: [owner] }' }),
  )
  .prefault({})
  .meta({
    description:
      'Levels of an escalation, first to last, by name. Two are built in and may be redefined: `nudge` and `urgent`.',
  });
