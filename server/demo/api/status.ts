/** A refusal as the API server words it: becomes a `Status` body with its code. */
export class ApiStatus extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Fresh token of an expired continue token. */
  readonly continueToken: string;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; continueToken?: string } = {},
  ) {
    super(message);
    this.name = 'ApiStatus';
    this.code = code;
    this.reason = reason;
    this.details = options.details;
    this.continueToken = options.continueToken ?? '';
  }

  /** The body, as `metav1.Status`. */
  body(): Readonly<Record<string, unknown>> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === '' ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

export function badRequest(message: string): ApiStatus {
  return new ApiStatus(400, 'BadRequest', message);
}

export function unknownPath(): ApiStatus {
  return new ApiStatus(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
}
