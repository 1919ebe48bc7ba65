import { type NextRequest, NextResponse } from 'next/server';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Host names a browser may use: loopback, the bound address, and those the operator named. */
function isAllowedHost(header: string | null): boolean {
  if (header === null) return false;
  const name = header.toLowerCase().replace(/:\d+$/, '');
  if (LOOPBACK.has(name)) return true;
  const bound = (process.env.HOSTNAME ?? '127.0.0.1').toLowerCase();
  const named = (process.env.UNLOOP_ALLOWED_HOSTS ?? '')
    .toLowerCase()
    .split(',')
    .map((host) => host.trim());
  if (named.includes('*') || named.includes(name)) return true;
  // Bound to every interface means behind a service or an ingress: there the operator decides, and may restrict.
  return name === bound || ((bound === '0.0.0.0' || bound === '::') && named.every((host) => host === ''));
}

function contentSecurityPolicy(nonce: string): string {
  const dev = process.env.NODE_ENV === 'development';
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    // Positions of marks are style attributes; they hold numbers that the server computed.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function refuse(status: number, code: string, message: string, hint: string): NextResponse {
  return NextResponse.json({ error: { code, message, hint } }, { status });
}

/**
 * Stands before every request: refuses foreign Host headers (a page elsewhere must not reach a server on loopback by
 * rebinding its name) and addresses that cannot be decoded, and gives each page a strict content security policy with a fresh nonce.
 */
export function proxy(request: NextRequest): NextResponse {
  if (!isAllowedHost(request.headers.get('host'))) {
    return refuse(
      421,
      'forbidden-host',
      'this host name is not allowed',
      'Open Unloop under localhost or 127.0.0.1, or name the host in UNLOOP_ALLOWED_HOSTS.',
    );
  }
  if (!isWellFormed(request.nextUrl.pathname)) {
    return refuse(
      400,
      'bad-request',
      `the address ${request.nextUrl.pathname.slice(0, 200)} is not valid percent-encoding`,
      'Encode a percent sign of a name as %25.',
    );
  }
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  response.headers.set('x-frame-options', 'DENY');
  return response;
}

export const config = { matcher: ['/((?!_next/static|_next/image|favicon).*)'] };
