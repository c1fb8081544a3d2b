import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the message and the stack of a failure into a payload, where the codec reaches them: by itself the SDK writes
 * both in clear. Loaded by path, by worker and workflow bundle, under the name the SDK looks for.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
