/** The closed set of error codes. Each has one HTTP status in `app/api/respond.ts`. */
export type UnloopErrorCode =
  | 'not-found'
  | 'bad-request'
  | 'forbidden-by-cluster'
  | 'cluster-unreachable'
  | 'misconfigured'
  | 'store-failed'
  | 'internal';

/** An error that names the thing, the place and (in `hint`) the remedy. */
export class UnloopError extends Error {
  readonly code: UnloopErrorCode;
  readonly hint: string;

  constructor(code: UnloopErrorCode, message: string, hint = '', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnloopError';
    this.code = code;
    this.hint = hint;
  }
}
