import { createServer, isIPv4 } from 'node:net';
import type { Express } from 'express';
import { type Listener, listen } from '../ingress/listen.js';
import { SettingError, type Settings } from './settings.js';

/** One of our two listeners, with the variable that moves it. */
export interface Place {
  readonly variable: 'SLIPWAY_PORT' | 'SLIPWAY_CONSOLE_PORT' | 'SLIPWAY_WORKER_PORT';
  readonly port: number;
  readonly host: string;
}

const LOOPBACK = '127.0.0.1';
const EVERY_ADDRESS = '0.0.0.0';

/**
 * The edge is for the world; the console is for this machine, unless a token guards it. Throws `SettingError` where it
 * is asked to listen for others without one.
 */
export function places(settings: Settings): { readonly edge: Place; readonly console: Place } {
  const host = settings.consoleHost ?? (settings.apiToken ? EVERY_ADDRESS : LOOPBACK);
  if (!settings.apiToken && !isLoopback(host)) {
    throw new SettingError(
      `SLIPWAY_CONSOLE_HOST is ${host}, where others reach the console, and no SLIPWAY_API_TOKEN guards it: set a token, or unset SLIPWAY_CONSOLE_HOST.`,
    );
  }
  return {
    edge: { variable: 'SLIPWAY_PORT', port: settings.edgePort, host: EVERY_ADDRESS },
    console: { variable: 'SLIPWAY_CONSOLE_PORT', port: settings.consolePort, host },
  };
}

/** Where the simulator has this Slipway send its own events to: the one address of this machine that may be. */
export const ownIngress = ({ edgePort }: Pick<Settings, 'edgePort'>): string => `http://${LOOPBACK}:${edgePort}`;

/** Health and metrics of a worker: nothing of an onboarding is told there, and whoever looks after it comes by network. */
export function workerPlace(settings: Settings): Place {
  return { variable: 'SLIPWAY_WORKER_PORT', port: settings.workerPort, host: EVERY_ADDRESS };
}

/** A name that merely begins like a loopback address may be of any machine. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** Throws `SettingError` for a port that cannot be had, so that it is told before anything is started. */
export async function portsCanBeHad({ edge, console }: ReturnType<typeof places>): Promise<void> {
  if (edge.port === console.port) {
    throw new SettingError(
      `${edge.variable} and ${console.variable} are both ${edge.port}: the edge and the console each need a port of their own.`,
    );
  }
  for (const place of [edge, console]) await canBeHad(place);
}

export async function canBeHad(place: Place): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(refused(place, error)));
    probe.listen({ port: place.port, host: place.host, exclusive: true }, () => probe.close(() => resolve()));
  });
}

/** Listens there; a port that was taken since it was looked at is refused in the same words. */
export async function listenAt(place: Place, app: Express): Promise<Listener> {
  try {
    return await listen(app, place.port, place.host);
  } catch (error) {
    throw refused(place, error);
  }
}

export function refused({ variable, port }: Place, error: unknown): SettingError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new SettingError(
      `Port ${port} is taken by another program (another Slipway, perhaps): stop that one, or set ${variable} to a free port.`,
    );
  }
  return new SettingError(
    `Port ${port} cannot be listened on (${code ?? String(error)}): set ${variable} to another one, from 1024 on unless you are root.`,
  );
}
