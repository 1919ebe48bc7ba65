import { isOpaque, isProse } from './values';
import { startsWithMark, type Withhold } from './withheld';

const AUTHORIZATION =
  /\b((?:proxy-)?authorization\\{0,3}["']?\s{0,3}(?:[:=]>?|,)\s{0,3}\\{0,3}["']?)((?:bearer|basic|token|digest|negotiate|ntlm|api-?key|oauth|splunk|ssws|bot|googlelogin|key|jwt|aws4-hmac-sha256)\s{1,3})?([^"'\\\n]{1,4096})/gi;
const COOKIE =
  /\b((?:set-)?cookie\\{0,3}["']?\s{0,3}(?:[:=]>?|,)\s{0,3}\\{0,3}["']?)(?=[\w!#$%&*+.^|~-]{1,120}=)([^"'\\\n]{1,4096})/gi;
const BEARER = /\b(bearer\s{1,3})(?!realm=|error=|scope=)([\w+/=.~-]{8,8000})/gi;
const BASIC = /\b(basic\s{1,3})([A-Za-z0-9+/]{4,2000}={0,2})/gi;
/** Schemes whose credentials go over several parts up to the end of the line. */
const IN_PARTS =
  /\b((?:proxy-)?authorization\\{0,3}["']?\s{0,3}[:=]>?\s{0,3}\\{0,3}["']?(?:digest|aws4-hmac-sha256|oauth|googlelogin)\s{1,3})(?=[\w-]{1,40}=)([^\n]{1,4096})/gi;

function isPair(text: string): boolean {
  try {
    return /^[\x20-\x7e\u00a0-\u00ff]{0,200}:/.test(atob(text));
  } catch {
    // Not base64, so no user and password.
    return false;
  }
}

/** Replaces the credentials of `Authorization`, `Cookie` and `Set-Cookie` headers, and of `Bearer` and `Basic` wherever they stand. */
export function withholdHeaders(text: string, withhold: Withhold): string {
  if (!/authorization|cookie|bearer|basic/i.test(text)) return text;
  return text
    .replace(IN_PARTS, (_all, lead: string, parts: string) => `${lead}${withhold('a token', parts)}`)
    .replace(AUTHORIZATION, (all: string, lead: string, scheme: string | undefined, rest: string) => {
      if (startsWithMark(rest)) return all;
      const word = /^[^\s,;)}\]]{1,4096}/.exec(rest)?.[0] ?? '';
      const kind = /^basic/i.test(scheme ?? '') ? 'a password' : 'a token';
      if (scheme !== undefined) {
        if (word === '' || isProse(word)) return all;
        return `${lead}${scheme}${withhold(kind, word)}${rest.slice(word.length)}`;
      }
      if (!isOpaque(word) && !(word.length >= 16 && /^[\w+/=.-]+$/.test(word))) return all;
      return `${lead}${withhold(kind, word)}${rest.slice(word.length)}`;
    })
    .replace(COOKIE, (_all, lead: string, cookies: string) => `${lead}${withhold('a cookie', cookies)}`)
    .replace(BEARER, (all: string, lead: string, token: string) =>
      isOpaque(token) || token.length >= 24 ? `${lead}${withhold('a token', token)}` : all,
    )
    .replace(BASIC, (all: string, lead: string, pair: string) =>
      isPair(pair) ? `${lead}${withhold('a password', pair)}` : all,
    );
}
