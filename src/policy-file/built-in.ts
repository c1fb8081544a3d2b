import { calendars, OFFICE_HOURS } from './calendar-section.js';
import { channels } from './channels-section.js';
import { ladders } from './ladders-section.js';
import type { PolicyDocument } from './schema.js';

/** What is there without being written, so that a file may say as little as `people`; a name in the file wins. */
export const BUILT_IN = {
  calendars: { office: { hours: OFFICE_HOURS }, always: { hours: { 'mon-sun': '00:00-24:00' } } },
  channels: { log: { type: 'log' as const } },
  ladders: {
    nudge: [
      { after: '0 minutes', to: ['owner'] },
      { after: '5 working days', to: ['owner', 'manager'] },
      { after: '5 working days', to: ['manager'], repeat: { every: '5 working days', times: 2 } },
    ],
    urgent: [
      { after: '0 minutes', to: ['owner'] },
      { after: '4 working hours', to: ['owner', 'manager'] },
      { after: '1 working day', to: ['manager'], repeat: { every: '1 working day', times: 3 } },
    ],
  },
};

/** The rules count in the calendar that the workspace names, else in the only one of the file, else in `office`. */
export function withBuiltIn(document: PolicyDocument): PolicyDocument {
  const own = Object.keys(document.calendars);
  return {
    ...document,
    workspace: {
      ...document.workspace,
      calendar: document.workspace.calendar ?? (own.length === 1 ? own[0] : 'office'),
    },
    calendars: { ...calendars.parse(BUILT_IN.calendars), ...document.calendars },
    channels: { ...channels.parse(BUILT_IN.channels), ...document.channels },
    ladders: { ...ladders.parse(BUILT_IN.ladders), ...document.ladders },
  };
}
