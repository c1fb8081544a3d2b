import type { Endpoint, EndpointReport } from '../contracts/webhooks.js';
import { WARNS_AT } from '../domain/delivery/failing.js';

/** More of them say nothing that these do not. */
const MOST = 10;

/** What to tell of endpoints that are disabled, or on their way there; of an address no more than the host. */
export async function endpointWarnings(endpoints: EndpointReport): Promise<readonly string[]> {
  const troubled = await endpoints.troubled(WARNS_AT[0], MOST).catch(() => []);
  return troubled.map(warningOf);
}

function warningOf({ id, application, url, disabled, failures }: Endpoint): string {
  const endpoint = `Endpoint ${id} of ${application} (${URL.canParse(url) ? new URL(url).host : 'no address'})`;
  const again = `then run \`slipway endpoint enable ${id} --app ${application}\`, and \`slipway endpoint recover\` for what failed`;
  switch (disabled) {
    case 'failing':
      return `${endpoint} was disabled after ${failures} failed deliveries in a row: have its receiver mended, ${again}.`;
    case 'receiver':
      return `${endpoint} was disabled because its receiver answered that it wants nothing more: delete it, or ask them, ${again}.`;
    default:
      return `${endpoint} has had ${failures} failed deliveries in a row and is disabled at 100: have its receiver looked at.`;
  }
}
