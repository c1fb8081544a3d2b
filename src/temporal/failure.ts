import { isGrpcServiceError, ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { GatewayError, GatewayRefusal } from '../contracts/gateway.js';

/** gRPC status codes that mean something here (grpc.github.io, "Status codes"). */
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
export const PERMISSION_DENIED = 7;
export const UNIMPLEMENTED = 12;
export const UNAUTHENTICATED = 16;

/** The gRPC status of a failed call; undefined where it failed otherwise. */
export function grpcStatus(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** The server does not let us in, whoever says so: it, or a proxy before it. */
export function isShutOut(error: unknown): boolean {
  const status = grpcStatus(error);
  return status === UNAUTHENTICATED || status === PERMISSION_DENIED;
}

/** What the other rooms are told of a failed call: a refusal says no for good, everything else may be tried again. */
export function asGatewayFailure(error: unknown): GatewayError | GatewayRefusal {
  if (error instanceof GatewayError || error instanceof GatewayRefusal) return error;
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    return new GatewayRefusal(error.cause.type ?? 'Refused', error.cause.message);
  }
  if (error instanceof WorkflowNotFoundError) return missing(error);
  return new GatewayError(`Temporal did not answer in time or could not be reached: ${sentence(error)}`, {
    cause: error,
  });
}

/** The server says "not found" of a workflow that has ended, too. */
export const hasEnded = (error: WorkflowNotFoundError): boolean => /already completed/.test(error.message);

function missing(error: WorkflowNotFoundError): GatewayRefusal {
  return hasEnded(error)
    ? new GatewayRefusal('OnboardingClosed', 'This onboarding has ended; an event that brings it back opens it again.')
    : new GatewayRefusal('UnknownOnboarding', 'There is no such onboarding.');
}

function sentence(error: unknown): string {
  // Its own words are left out: a proxy may repeat what it was sent, which is the API key.
  if (isShutOut(error)) return 'it refuses who asks.';
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
