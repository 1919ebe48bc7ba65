import { type NextRequest, NextResponse } from 'next/server';
import { refusalOf } from '@/server/edge/refusal';

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

/**
 * Gives each page a strict content security policy with a fresh nonce. It refuses what the gate at the server's edge refuses: a request
 * that came before the gate was placed passes here as well.
 */
export function proxy(request: NextRequest): NextResponse {
  const { method, nextUrl, headers: sent } = request;
  const target = `${nextUrl.pathname}${nextUrl.search}`;
  const refusal = refusalOf({ method, target, header: (name) => sent.get(name) }, process.env);
  if (refusal) return NextResponse.json(refusal.body, { status: refusal.status, headers: refusal.headers });
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = { matcher: ['/((?!_next/static|_next/image|favicon).*)'] };
