import { kindOfName } from './names';
import { isHarmlessValue, isProse } from './values';
import type { Withhold } from './withheld';

const XML = /<([A-Za-z][\w.:-]{1,80})((?:\s[^<>]{0,200})?)>([^<>]{1,2000})<\//g;
/** A name and its value as two fields: `{"name":"DB_PASSWORD","value":"x"}`, `<add key="DbPassword" value="x"/>`. */
const NAME_AND_VALUE =
  /(\\{0,3}["']?(?:name|key)\\{0,3}["']?\s{0,3}[=:]\s{0,3}\\{0,3}["'])([\w.-]{2,100})(\\{0,3}["']\s{0,3},?\s{0,3}\\{0,3}["']?value\\{0,3}["']?\s{0,3}[=:]\s{0,3}\\{0,3}["'])([^"'\\\n]{1,2000})/gi;
/** The same over two lines of YAML. */
const YAML_PAIR =
  /(\bname:[ \t]{1,4}["']?)([\w.-]{2,100})(["']?[ \t]{0,4}\n[ \t]{1,40}value:[ \t]{1,4}["']?)([^\s"'][^\n"']{0,2000})/g;
const SQL =
  /\b((?:identified\s{1,3}(?:with\s{1,3}\w{1,40}\s{1,3})?by|password)\s{1,3})('[^'\n]{1,512}'|"[^"\n]{1,512}")/gi;
const NETRC = /\b(login\s{1,3}\S{1,100}\s{1,3}password\s{1,3})(\S{1,512})/g;
/** A line of a configuration file that has no separator between name and value. */
const DIRECTIVE =
  /(^|\n)([ \t]{0,20}(?:requirepass|masterauth|smtp_auth_pass|ldap_bind_pw|bindpw)[ \t]{1,8}["']?)([^\s"']{1,512})/gi;
const SETUP =
  /\b((?:add_user|change_password|set-initial-password|useradd)\s{1,3}(?:[\w.@-]{1,80}\s{1,3})?)(?!-)([^\s"'|;]{1,200})/g;
const FORM_HINT =
  /<\/|value|identified|password|requirepass|masterauth|smtp_auth|ldap_bind|bindpw|add_user|set-initial|useradd/i;

/** Replaces credentials in forms that are no assignment: XML, SQL, netrc, name and value as two fields, directives of servers. */
export function withholdForms(text: string, withhold: Withhold): string {
  if (!FORM_HINT.test(text)) return text;
  let shown = text;
  if (shown.includes('</'))
    shown = shown.replace(XML, (all: string, name: string, more: string, value: string) => {
      const kind = kindOfName(name);
      return kind === null || isHarmlessValue(value) ? all : `<${name}${more}>${withhold(kind, value)}</`;
    });
  if (/value/i.test(shown)) {
    const pair = (all: string, lead: string, name: string, between: string, value: string) => {
      const kind = kindOfName(name);
      if (kind === null || isHarmlessValue(value) || value.includes('://')) return all;
      return `${lead}${name}${between}${withhold(kind, value)}`;
    };
    shown = shown.replace(NAME_AND_VALUE, pair).replace(YAML_PAIR, pair);
  }
  return shown
    .replace(SQL, (all: string, lead: string, quoted: string) => {
      const inner = quoted.slice(1, -1);
      if (isHarmlessValue(inner) || isProse(inner)) return all;
      return `${lead}${quoted.slice(0, 1)}${withhold('a password', inner)}${quoted.slice(-1)}`;
    })
    .replace(NETRC, (all: string, lead: string, word: string) =>
      isHarmlessValue(word) ? all : lead + withhold('a password', word),
    )
    .replace(DIRECTIVE, (all: string, start: string, lead: string, word: string) =>
      isHarmlessValue(word) ? all : start + lead + withhold('a password', word),
    )
    .replace(SETUP, (all: string, lead: string, word: string) =>
      isHarmlessValue(word) || isProse(word) ? all : lead + withhold('a password', word),
    );
}
