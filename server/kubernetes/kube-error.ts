import { redactText } from '@/lib/domain/redact/text';
import { UnloopError } from '@/lib/domain/unloop-error';

/** An answer of the API server that is not a success. `reason` is the Status reason (`Forbidden`, `Expired`, …) or empty. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  /** Milliseconds that the server asked to wait (Retry-After), or null. */
  readonly retryAfterMs: number | null;

  constructor(status: number, reason: string, message: string, retryAfterMs: number | null = null) {
    super(redactText(message));
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Says whether the version asked for is gone and a new list is due (crash-semantics 8.1). */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** Says whether the server refuses this identity: 401 or 403. */
export function isRefused(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 401 || error.status === 403);
}

const REMEDIES: readonly (readonly [RegExp, (server: string) => string, string])[] = [
  [
    /ECONNREFUSED/,
    (server) => `nothing listens at ${server}`,
    'Is the API server running, and does the kubeconfig name the right address and port? A local cluster may be stopped.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (server) => `the name in ${server} does not resolve`,
    'Check the address in the kubeconfig, and the VPN or DNS of this machine.',
  ],
  [
    /ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH/,
    (server) => `no answer from ${server}`,
    'Check the network, the VPN and any firewall between this machine and the cluster.',
  ],
  [
    /ECONNRESET|EPIPE|UND_ERR_SOCKET/,
    (server) => `the API server at ${server} closed the connection`,
    'The API server or a proxy before it went away; Unloop tries again by itself.',
  ],
  [
    /UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT/,
    (server) => `the API server at ${server} accepted the connection but did not answer`,
    'The API server may be overloaded; Unloop tries again by itself.',
  ],
  [
    /CERT_HAS_EXPIRED/,
    (server) => `the certificate of ${server} has expired`,
    'Renew the certificate of the API server.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE/,
    (server) => `the certificate of ${server} is not signed by the authority that the kubeconfig names`,
    "Set certificate-authority in the kubeconfig to the cluster's CA.",
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (server) => `the certificate of ${server} is for another name`,
    'Use the name in the certificate, or set tls-server-name in the kubeconfig.',
  ],
  [
    /ERR_SSL|EPROTO|ERR_OSSL/,
    (server) => `TLS with ${server} failed`,
    'Check http against https in the kubeconfig, and whether the client certificate is still valid.',
  ],
  [
    /HPE_|HTTP\/1\.1 protocol/,
    (server) => `what listens at ${server} does not speak HTTP`,
    'Check address and port in the kubeconfig.',
  ],
];

/** The UnloopError `cluster-unreachable` for a failed connection: server, cause and remedy in words. */
export function unreachable(server: string, cause: unknown): UnloopError {
  if (cause instanceof UnloopError) return cause;
  const shown = redactText(server);
  const text = codesOf(cause);
  for (const [pattern, what, hint] of REMEDIES) {
    if (pattern.test(text)) return new UnloopError('cluster-unreachable', sentence(what(shown)), hint, { cause });
  }
  return new UnloopError(
    'cluster-unreachable',
    sentence(`the connection to ${shown} failed: ${messageOf(cause)}`),
    'Check the address in the kubeconfig and the network between.',
    { cause },
  );
}

/** Message and remedy as sentences. */
export function inWords(error: UnloopError): string {
  return [error.message, error.hint]
    .filter((text) => text !== '')
    .map((text) => (/[.!?]$/.test(text) ? text : `${text}.`))
    .join(' ');
}

/** Says whether the error is what undici and sockets throw when a connection fails: they mark it with a code. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof UnloopError);
}

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return redactText(text).replace(/\s+/g, ' ').trim().slice(0, 500);
}

/** Codes and messages of an error and of what caused it. */
function codesOf(error: unknown): string {
  const seen: string[] = [];
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 6; depth++) {
    if ('code' in at) seen.push(String(at.code));
    seen.push(at.message);
    // A connect to a name with several addresses fails with all their errors together.
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return seen.join(' ');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
