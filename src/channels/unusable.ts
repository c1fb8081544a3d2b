import type { ChannelType } from '../domain/policy/policy.js';
import { ChannelFailure } from '../contracts/failures.js';
import type { Channel } from './channel.js';

/**
 * Stands for a channel whose settings are not complete, so that what is due through it fails with the reason and its
 * ladder goes on, while everything else works.
 */
export function createUnusableChannel(name: string, type: ChannelType, problem: string): Channel {
  return {
    name,
    type,
    send: () => Promise.reject(new ChannelFailure('InvalidConfig', problem)),
    close: () => Promise.resolve(),
  };
}
