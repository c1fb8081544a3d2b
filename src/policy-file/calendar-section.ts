import { z } from 'zod';
import { HOLIDAY_TYPES, wrongHolidays } from './holidays.js';
import { readHours } from './hours.js';
import { section } from './section.js';
import { civilDate, name, zone } from './words.js';

export const OFFICE_HOURS = { 'mon-fri': '09:00-17:00' };

const hours = z
  .record(
    z.string(),
    z.string().meta({ description: 'Spans of one day or of several, such as `09:00-12:30, 13:30-18:00`.' }),
  )
  .superRefine((given, context) => {
    for (const { key, message } of readHours(given).problems) {
      context.addIssue({ code: 'custom', message, path: key === undefined ? [] : [key], input: given });
    }
  })
  .prefault(OFFICE_HOURS)
  .meta({
    description:
      'Opening hours by day (`mon`) or range of days (`mon-fri`). Several spans are separated by commas, `24:00` is the end of the day, and a span that closes before it opens runs past midnight. A day that is not named is closed.',
  });

const holidays = section({
  country: z.string().meta({ description: 'Two-letter code, such as `DE` or `US`.', examples: ['DE'] }),
  region: z
    .string()
    .optional()
    .meta({
      description: 'State or province of the country, such as `BE`; a part of one follows a dash (`CN-TF`).',
      examples: ['BE'],
    }),
  types: z
    .array(z.enum(HOLIDAY_TYPES))
    .min(1)
    .prefault(['public'])
    .meta({ description: 'Kinds of holidays that close the day. A holiday that begins at noon does not.' }),
}).superRefine((choice, context) => {
  const wrong = wrongHolidays(choice);
  if (wrong) context.addIssue({ code: 'custom', message: wrong.message, path: [wrong.key], input: choice });
});

const calendar = section({
  time_zone: zone('IANA time zone. Default: that of the workspace.').optional(),
  hours,
  holidays: holidays
    .optional()
    .meta({ description: 'Public holidays, looked up when the file is loaded, from last year to four years ahead.' }),
  closed: z
    .array(civilDate('A closed date.'))
    .prefault([])
    .meta({ description: 'More closed dates, beside the holidays.' }),
});

export const calendars = z.record(name('Name of the calendar.'), calendar).prefault({}).meta({
  description:
    'Working time, by name. Two are built in and may be redefined: `office` (Monday to Friday, 09:00 to 17:00, in the zone of the workspace) and `always` (day and night).',
});

export const workspace = section({
  time_zone: zone(
    'Zone in which civil dates such as a target date are read, each at the end of its day. Default: that of the calendar, else UTC.',
  ).optional(),
  calendar: name(
    'Calendar in which the rules and ladders count. Default: `office`, or the only one that the file defines.',
  ).optional(),
})
  .prefault({})
  .meta({ description: 'Where the workspace keeps its time.' });
