import { z } from 'zod';
import { section } from './section.js';
import { civilDate, name, someText } from './words.js';

const timeOff = section({
  from: civilDate("First day away, in the zone of the person's calendar."),
  to: civilDate('Last day away.'),
  delegate: name(
    'Id of the person who stands in. Without one, someone away for more than a working day cannot be reached.',
  ).optional(),
});

const email = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[^\s@<>]+@[^\s@<>]+$/, {
    error: (issue) => `"${String(issue.input)}" is not an e-mail address: write it like mia@vendor.example.`,
  });

const pivotalId = z.string().min(1).max(200).meta({ description: 'As records of Pivotal name the person.' });

const person = section({
  id: name('Short name that the rest of the file uses.'),
  name: someText('Name as messages show it. Default: the id.').optional(),
  emails: z
    .array(email)
    .prefault([])
    .meta({ description: 'Addresses that records may name the person by. E-mail goes to the first one.' }),
  pivotal_ids: z.array(pivotalId).prefault([]).meta({ description: 'User ids that records may name the person by.' }),
  manager: name("Id of the person's manager, whom `manager` in a ladder means.").optional(),
  calendar: name('Calendar that the person works by. Default: that of the workspace.').optional(),
  channels: z
    .array(name('Name of a channel.'))
    .min(1, { error: 'names no channel: nothing could reach this person. Name one, or leave the key out' })
    .optional()
    .meta({
      description:
        'Channels that reach the person. Default: the first channel of type `email` for people with an address, else `log`.',
    }),
  time_off: z.array(timeOff).prefault([]).meta({ description: 'Days away, first and last included.' }),
});

export const people = z.array(person).prefault([]).meta({
  description:
    'Who may be told something. An owner who is not listed is a person with that e-mail address and the calendar of the workspace.',
});

export const roles = z.record(name('Name of the role.'), name('Id of a person.')).prefault({}).meta({
  description:
    'Roles that a ladder may name beside those of the record (`owner`, `csm`, `se`, `designer`, `product_ops` and `manager`, the manager of the owner).',
});
