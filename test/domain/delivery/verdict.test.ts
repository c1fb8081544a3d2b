import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/domain/delivery/verdict.js';

const read = (status: number, control?: string) =>
  verdictOf({ status, headers: control === undefined ? {} : { 'webhook-delivery': control } });

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('of %i is a success', (status) => {
    expect(read(status)).toEqual({ message: 'delivered', disables: false });
  });

  it.each([100, 199, 300, 301, 302, 304, 308, 400, 401, 404, 409, 422, 429, 500, 503, 599])(
    'of %i is tried again',
    (status) => {
      expect(read(status)).toEqual({ message: 'retry', disables: false });
    },
  );

  it('that never came is tried again', () => {
    expect(verdictOf(null)).toEqual({ message: 'retry', disables: false });
  });

  it('of 410 ends the message and disables the endpoint', () => {
    expect(read(410)).toEqual({ message: 'abort', disables: true });
  });

  it('may call this message off, which says nothing of one that is delivered', () => {
    expect(read(500, 'abort-message')).toEqual({ message: 'abort', disables: false });
    expect(read(400, ' Abort-Message ')).toEqual({ message: 'abort', disables: false });
    expect(read(200, 'abort-message')).toEqual({ message: 'delivered', disables: false });
  });

  it('may disable the endpoint, whether it took this message or not', () => {
    expect(read(503, 'disable')).toEqual({ message: 'abort', disables: true });
    expect(read(200, 'disable')).toEqual({ message: 'delivered', disables: true });
  });

  it('of unknown words is what its status says', () => {
    expect(read(500, 'explode')).toEqual({ message: 'retry', disables: false });
  });
});
