import type { ErrorBody } from '@/lib/contract/error';
import { answeredHosts, type HostSettings, hostName } from './hosts';

/** What the edge reads of a request: header names in lower case. */
export interface EdgeRequest {
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  readonly header: (name: string) => string | null | undefined;
}

/** An answer that no route is asked for. */
export interface Refusal {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** Unloop only reads: nothing else is answered by any address. */
export const ALLOWED_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

function refuse(
  status: number,
  code: string,
  message: string,
  hint: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return { status, body: { error: { code, message, hint } }, headers };
}

/**
 * True for what a browser does when a person follows a link or types an address: its answer never reaches the page it came from. A
 * frame of another page is none: nobody would see what it opens.
 */
function isNavigation(request: EdgeRequest): boolean {
  const into = request.header('sec-fetch-dest') ?? 'document';
  return request.header('sec-fetch-mode') === 'navigate' && into === 'document';
}

/**
 * Whether the request was made by a page of another site. Browsers say so in Sec-Fetch-Site (Fetch Metadata, W3C) and in Origin
 * (Fetch standard); scripts send neither.
 */
function isForeign(request: EdgeRequest, host: string): boolean {
  const site = request.header('sec-fetch-site');
  if (site !== null && site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = request.header('origin');
  if (origin === null || origin === undefined) return false;
  try {
    return new URL(origin).host.replace(/:\d+$/, '').toLowerCase() !== host;
  } catch {
    return true;
  }
}

/**
 * Decides what is answered before any route is asked, or gives null for a request that may go on. In this order: a target that is no
 * path, a Host that Unloop does not answer to, an undecodable path, a method that changes things, a page of another site that
 * reads with a viewer's browser.
 */
export function refusalOf(request: EdgeRequest, settings: HostSettings): Refusal | null {
  const { method, target } = request;
  if (!target.startsWith('/')) {
    return refuse(400, 'bad-request', 'the request names no path', 'Ask for a path that begins with a slash.');
  }
  const host = hostName(request.header('host'));
  const answered = answeredHosts(settings);
  if (host === null || !(answered.has('*') || answered.has(host))) {
    return refuse(
      421,
      'forbidden-host',
      host === null ? 'the request names no host' : `the host name ${host.slice(0, 100)} is not allowed`,
      'Open Unloop under localhost or 127.0.0.1, or name the host in UNLOOP_ALLOWED_HOSTS.',
    );
  }
  const path = target.split('?', 1)[0] ?? '';
  try {
    decodeURIComponent(path);
  } catch {
    return refuse(
      400,
      'bad-request',
      `the address ${path.slice(0, 200)} is not valid percent-encoding`,
      'Encode a percent sign of a name as %25.',
    );
  }
  if (!ALLOWED_METHODS.includes(method)) {
    return refuse(405, 'method-not-allowed', `${method} is not answered here`, 'Unloop only reads: use GET.', {
      allow: ALLOWED_METHODS.join(', '),
    });
  }
  if (isForeign(request, host) && !isNavigation(request)) {
    return refuse(
      403,
      'foreign-origin',
      'a page of another site asked for this',
      'Open the address itself, or ask from a script or from a page of Unloop.',
    );
  }
  return null;
}
