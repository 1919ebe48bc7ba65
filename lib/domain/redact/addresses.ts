import { isHarmlessValue, isOpaque } from './values';
import type { Withhold } from './withheld';

const ADDRESS = /:\/\/([^\s"'<>`|]{1,1024})/g;
/** The Go driver of MySQL: `user:password@tcp(host:3306)/db`. */
const GO_MYSQL = /(?<![\w.:/-])([\w.%+-]{1,80}):([^\s@"']{1,200})@(tcp|udp|unix)\d?\(/g;
/** Oracle's driver: `jdbc:oracle:thin:user/password@host`. */
const ORACLE = /(oracle:\w{2,5}:[\w$#.-]{1,80}\/)([^\s@"']{1,200})@/gi;

/** Where the part before the host ends: at the last `@` of the authority, or of a longer text where the password holds a slash. */
function userinfoEnd(rest: string): number {
  const path = rest.search(/[/?#\\]/);
  const authority = path === -1 ? rest : rest.slice(0, path);
  const at = authority.lastIndexOf('@');
  if (at !== -1) return at;
  const colon = authority.indexOf(':');
  if (colon === -1 || path === -1 || /^\d{0,5}$/.test(authority.slice(colon + 1))) return -1;
  return rest.lastIndexOf('@');
}

/** Replaces passwords in addresses: `scheme://user:password@host` keeps scheme, user, host and path. */
export function withholdUserinfo(text: string, withhold: Withhold): string {
  let shown = text;
  if (text.includes('://')) {
    shown = text.replace(ADDRESS, (all: string, rest: string) => {
      const end = userinfoEnd(rest);
      if (end <= 0) return all;
      const userinfo = rest.slice(0, end);
      const colon = userinfo.indexOf(':');
      if (colon === -1) {
        return userinfo.length >= 16 && isOpaque(userinfo)
          ? `://${withhold('a token', userinfo)}${rest.slice(end)}`
          : all;
      }
      const password = userinfo.slice(colon + 1);
      if (isHarmlessValue(password)) return all;
      return `://${userinfo.slice(0, colon + 1)}${withhold('a password', password)}${rest.slice(end)}`;
    });
  }
  if (!shown.includes('@')) return shown;
  if (shown.includes('('))
    shown = shown.replace(GO_MYSQL, (all: string, user: string, password: string, net: string) =>
      isHarmlessValue(password) ? all : `${user}:${withhold('a password', password)}@${net}(`,
    );
  if (/oracle:/i.test(shown))
    shown = shown.replace(
      ORACLE,
      (_all, lead: string, password: string) => `${lead}${withhold('a password', password)}@`,
    );
  return shown;
}
