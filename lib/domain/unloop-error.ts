/** The closed set of error codes. Each has one HTTP status in `app/api/respond.ts`. */
export type UnloopErrorCode =
  | 'not-found'
  | 'bad-request'
  | 'forbidden-by-cluster'
  | 'cluster-unreachable'
  | 'misconfigured'
  | 'store-failed'
  | 'too-many-streams'
  | 'internal';

const BRAND = Symbol.for('unloop.error');

/**
 * An error that names the thing, the place and (in `hint`) the remedy. `instanceof` knows it by a mark, not by its class: pages,
 * routes and the watcher are bundled apart, so each has a class of its own.
 */
export class UnloopError extends Error {
  readonly [BRAND] = true;
  readonly code: UnloopErrorCode;
  readonly hint: string;

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  constructor(code: UnloopErrorCode, message: string, hint = '', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnloopError';
    this.code = code;
    this.hint = hint;
  }
}
