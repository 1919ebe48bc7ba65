import { config, type z } from 'zod';
import { ErrorBodySchema } from '@/lib/contract/error';
import { UnloopError } from '@/lib/domain/unloop-error';
import { apiPath } from '@/lib/url/base-path';

// zod compiles parsers with `new Function`, which a strict content security policy forbids and reports.
config({ jitless: true });

/**
 * Reads one API answer and checks it against its schema. Throws `UnloopError` with the server's own message and hint, or
 * with `cluster-unreachable` where no answer came.
 */
export async function getJson<S extends z.ZodType>(
  path: `/${string}`,
  schema: S,
  signal?: AbortSignal,
): Promise<z.infer<S>> {
  const response = await reach(apiPath(path), signal);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw toError(response.status, body);
  return schema.parse(body);
}

/** Reads one API answer that is plain text, with its headers. Throws as `getJson` does. */
export async function getText(path: `/${string}`, signal?: AbortSignal): Promise<{ text: string; headers: Headers }> {
  const response = await reach(apiPath(path), signal);
  if (!response.ok) throw toError(response.status, await response.json().catch(() => null));
  return { text: await response.text(), headers: response.headers };
}

async function reach(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { accept: 'application/json, text/plain;q=0.9' },
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new UnloopError('cluster-unreachable', 'Unloop does not answer', 'Check that its process still runs.', {
      cause,
    });
  }
}

function toError(status: number, body: unknown): UnloopError {
  const parsed = ErrorBodySchema.safeParse(body);
  if (!parsed.success) return new UnloopError('internal', `Unloop answered with status ${status}`);
  const { code, message, hint } = parsed.data.error;
  return new UnloopError(code === 'not-found' ? 'not-found' : 'internal', message, hint);
}
