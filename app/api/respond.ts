import { z } from 'zod';
import type { ErrorBody } from '@/lib/contract/error';
import { UnloopError, type UnloopErrorCode } from '@/lib/domain/unloop-error';
import { describeError, logLine } from '@/server/log';
import { type ReadContext, readContext } from '@/server/read/context';

const STATUS: Readonly<Record<UnloopErrorCode, number>> = {
  'not-found': 404,
  'bad-request': 400,
  'forbidden-by-cluster': 403,
  'cluster-unreachable': 502,
  misconfigured: 500,
  'store-failed': 503,
  'too-many-streams': 429,
  internal: 500,
};

/** What helps where the error itself names no remedy. */
const HINTS: Readonly<Record<UnloopErrorCode, string>> = {
  'not-found': 'Check the address: the board lists what there is.',
  'bad-request': 'See the API section of the README for the parameters.',
  'forbidden-by-cluster': 'Ask for the right that the message names.',
  'cluster-unreachable': 'See the state of the cluster on the board; it is tried again by itself.',
  misconfigured: 'Correct the configuration and start again.',
  'store-failed': 'See /readyz for the state of the history; it is tried again by itself.',
  'too-many-streams': 'Close other pages and try again.',
  internal: 'Try again, and look at the server log.',
};

function errorResponse(code: UnloopErrorCode, message: string, hint: string): Response {
  const body: ErrorBody = { error: { code, message, hint: hint || HINTS[code] } };
  return Response.json(body, { status: STATUS[code], headers: { 'cache-control': 'no-store' } });
}

/**
 * Runs a route's work in the context of whoever asks, and gives its answer; every error becomes the API's error body with the fitting
 * status.
 */
export async function respond(work: (asked: ReadContext) => Promise<Response> | Response): Promise<Response> {
  try {
    return await work(readContext());
  } catch (error) {
    if (error instanceof UnloopError) return errorResponse(error.code, error.message, error.hint);
    if (error instanceof z.ZodError) {
      const text = error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
      return errorResponse('bad-request', text, '');
    }
    logLine('error', 'request', describeError(error));
    return errorResponse('internal', 'the server failed to answer; its log says why', '');
  }
}

/** Answers with JSON that nobody caches. */
export function json(body: unknown): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

const NamespacesSchema = z
  .string()
  .max(8000)
  .regex(/^[a-z0-9.-]+(,[a-z0-9.-]+)*$/, 'ns must be namespace names separated by commas')
  .transform((text) => [...new Set(text.split(','))].sort());

/** Reads `?ns=a,b`. Gives null where absent or empty; throws a ZodError where it is no list of names. */
export function namespacesOf(request: Request): readonly string[] | null {
  const ns = new URL(request.url).searchParams.get('ns');
  return ns === null || ns === '' ? null : NamespacesSchema.parse(ns);
}
