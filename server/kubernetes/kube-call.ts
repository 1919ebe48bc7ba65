import type { Readable } from 'node:stream';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { AccessOptions } from './kube-access';

/** What a call does to the cluster; POST is for reviews, which change nothing. */
export type KubeVerb = 'GET' | 'POST';

/**
 * In whose name a call is made: of the account that the configuration names, or of a user whom that account may impersonate
 * (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/).
 */
export type KubeIdentity =
  | { readonly kind: 'account' }
  | { readonly kind: 'user'; readonly name: string; readonly groups: readonly string[] };

/** The account that the configuration names. */
export const ACCOUNT: KubeIdentity = { kind: 'account' };

/** Calls in one name. */
export interface KubeCaller {
  /**
   * Opens a call. `path` starts with `/`. Waits and tries again on 429 as the server asks, at most twice; on 401 once more with
   * credentials read anew. Throws KubeError for an answer that is no success, UnloopError `cluster-unreachable` where there is
   * no answer, `misconfigured` where the target or its credential plugin is broken, and AbortError on abort.
   */
  open(verb: KubeVerb, path: string, options?: CallOptions): Promise<KubeStream>;
  /** Reads a whole JSON answer. Throws as `open`. For small answers only. */
  json(verb: KubeVerb, path: string, options?: CallOptions): Promise<unknown>;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Longest silence within the body in milliseconds; 0 for none. Default 60 s. */
  readonly bodyTimeout?: number;
}

/** An answer whose body is still to be read. Whoever opened it reads it to the end or destroys it. */
export interface KubeStream {
  readonly body: Readable & AsyncIterable<Buffer>;
  /** Media type without parameters, lower case. */
  readonly contentType: string;
  readonly status: number;
}

/** One call, as its caller makes it. */
export interface Call {
  readonly verb: KubeVerb;
  readonly path: string;
  readonly options: CallOptions;
  readonly identity: KubeIdentity;
}

/**
 * The headers that say who calls. Whom the configuration itself impersonates has no part in a call for somebody else. Throws for a user
 * without a name: the API server would take that call for the account's own.
 */
export function headersOf(identity: KubeIdentity, { headers }: AccessOptions): AccessOptions['headers'] {
  if (identity.kind === 'account') return headers;
  if (identity.name === '') throw new UnloopError('internal', 'a call is to be made for a user without a name');
  return {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('impersonate-'))),
    'impersonate-user': identity.name,
    ...(identity.groups.length === 0 ? {} : { 'impersonate-group': [...identity.groups] }),
  };
}
