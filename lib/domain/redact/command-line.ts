import { kindOfName } from './names';
import { isHarmlessValue, isProse } from './values';
import { startsWithMark, type Withhold } from './withheld';

/** Flags that hold a password only with certain programs; `glued` where the value follows without a blank. */
interface ProgramFlags {
  readonly flags: readonly string[];
  readonly glued?: boolean;
  /** The value is `user:password`, of which the user stays. */
  readonly isPair?: boolean;
}

const PROGRAMS: Readonly<Record<string, ProgramFlags>> = {
  mysql: { flags: ['-p'], glued: true },
  mysqldump: { flags: ['-p'], glued: true },
  mysqladmin: { flags: ['-p'], glued: true },
  mysqlsh: { flags: ['-p'], glued: true },
  mysqlimport: { flags: ['-p'], glued: true },
  mariadb: { flags: ['-p'], glued: true },
  'mariadb-dump': { flags: ['-p'], glued: true },
  'mariadb-admin': { flags: ['-p'], glued: true },
  'redis-cli': { flags: ['-a', '--pass'] },
  sshpass: { flags: ['-p'], glued: true },
  mongo: { flags: ['-p'] },
  mongosh: { flags: ['-p'] },
  mongodump: { flags: ['-p'] },
  mongorestore: { flags: ['-p'] },
  ldapsearch: { flags: ['-w'] },
  ldapadd: { flags: ['-w'] },
  ldapmodify: { flags: ['-w'] },
  docker: { flags: ['-p'] },
  podman: { flags: ['-p'] },
  helm: { flags: [] },
  skopeo: { flags: ['--creds', '--src-creds', '--dest-creds'], isPair: true },
  sqlcmd: { flags: ['-P'] },
  cqlsh: { flags: ['-p'] },
  clickhouse: { flags: [] },
  mosquitto_pub: { flags: ['-P'] },
  mosquitto_sub: { flags: ['-P'] },
  unzip: { flags: ['-P'] },
  zip: { flags: ['-P'] },
  curl: { flags: ['-u', '--user', '-U', '--proxy-user'], isPair: true },
  http: { flags: ['-a', '--auth'], isPair: true },
  etcdctl: { flags: ['--user'], isPair: true },
  smbclient: { flags: ['-U'], isPair: true },
  wget: { flags: [] },
  az: { flags: ['-p'] },
};
const NAMES = Object.keys(PROGRAMS).sort((a, b) => b.length - a.length);
const PROGRAM = new RegExp(
  `(?<![\\w.-])(${NAMES.map((name) => name.replace('-', '\\-')).join('|')})(?=\\s)[^|;\\n]{1,2000}`,
  'g',
);
/** A long or single-dashed flag and the word after it. */
const FLAG =
  /(?<![\w-])(--?)([A-Za-z][\w.-]{1,79})([ \t]{1,4})(?!-)("[^"\n]{1,1024}"|'[^'\n]{1,1024}'|[^\s"',;|)]{1,1024})/g;
const SEVERAL_WORDS = /^(?:--?[\w-]+\s|\S+\s+\S+)/;

function unquoted(word: string): readonly [quote: string, inner: string] {
  const quote = word.startsWith('"') || word.startsWith("'") ? word.slice(0, 1) : '';
  return quote !== '' && word.endsWith(quote) ? [quote, word.slice(1, -1)] : ['', word];
}

function withholdPair(word: string, withhold: Withhold): string {
  const [quote, inner] = unquoted(word);
  const colon = inner.search(/[:%]/);
  if (colon === -1 || isHarmlessValue(inner.slice(colon + 1))) return word;
  return `${quote}${inner.slice(0, colon + 1)}${withhold('a password', inner.slice(colon + 1))}${quote}`;
}

function withholdWhole(word: string, withhold: Withhold): string {
  const [quote, inner] = unquoted(word);
  if (isHarmlessValue(inner)) return word;
  return `${quote}${withhold('a password', inner)}${quote}`;
}

function withholdFlagsOf(line: string, program: string, withhold: Withhold): string {
  const known = PROGRAMS[program];
  let shown = line;
  for (const flag of known?.flags ?? []) {
    const blank = known?.glued ? '[ =]{0,4}' : flag.startsWith('--') ? '[ =]{1,4}' : '[ =]{0,4}';
    const pattern = new RegExp(`(\\s${flag}${blank})(?![-=\\s])("[^"]{1,512}"|'[^']{1,512}'|[^\\s"']{1,512})`, 'g');
    shown = shown.replace(pattern, (all: string, lead: string, word: string) => {
      if (startsWithMark(word) || (known?.flags.length === 0 && isProse(word))) return all;
      return lead + (known?.isPair ? withholdPair(word, withhold) : withholdWhole(word, withhold));
    });
  }
  return shown;
}

/**
 * Replaces credentials in command lines within a text: the word after `--password` and the like, and after short flags of programs
 * that are known to take a password there (`mysql -px`, `redis-cli -a x`, `curl -u user:x`).
 */
export function withholdFlags(text: string, withhold: Withhold): string {
  if (!text.includes('-')) return text;
  const byName = text.replace(FLAG, (all: string, dashes: string, name: string, blank: string, word: string) => {
    const kind = kindOfName(name);
    const [quote, inner] = unquoted(word);
    if (kind === null || isHarmlessValue(inner) || isProse(inner)) return all;
    return `${dashes}${name}${blank}${quote}${withhold(kind, inner)}${quote}`;
  });
  return byName.replace(PROGRAM, (line: string, program: string) => withholdFlagsOf(line, program, withhold));
}

/**
 * The arguments of a program as they may be shown. `program` is the name of the executable, of which short flags are known, or
 * empty; `rest` redacts whatever is no flag, e.g. the script after `sh -c`.
 */
export function withholdArgs(
  list: readonly string[],
  program: string,
  withhold: Withhold,
  rest: (text: string) => string,
): string[] {
  const known = PROGRAMS[program];
  let next: ((word: string) => string) | null = null;
  return list.map((item) => {
    const take = next;
    next = null;
    if (take && !item.startsWith('-')) return take(item);
    if (SEVERAL_WORDS.test(item)) return rest(item);
    const flag = /^(--?[A-Za-z][\w.-]{0,79})(?:=([\s\S]*))?$/.exec(item);
    if (!flag) return known ? gluedFlag(item, known, withhold, rest) : rest(item);
    const [, name = '', value] = flag;
    const isKnown = known?.flags.includes(name) ?? false;
    const kind = isKnown ? 'a password' : kindOfName(name.replace(/^-+/, ''));
    if (kind === null) return known ? gluedFlag(item, known, withhold, rest) : rest(item);
    const hide = (word: string) => {
      if (isHarmlessValue(word)) return word;
      if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(word)) return rest(word);
      return isKnown && known?.isPair ? withholdPair(word, withhold) : withhold(kind, word);
    };
    if (value !== undefined) return `${name}=${hide(value)}`;
    next = hide;
    return item;
  });
}

function gluedFlag(item: string, known: ProgramFlags, withhold: Withhold, rest: (text: string) => string): string {
  const flag = known.flags.find((one) => one.length === 2 && item.startsWith(one) && item.length > 2);
  if (!flag) return rest(item);
  const word = item.slice(2);
  return flag + (known.isPair ? withholdPair(word, withhold) : withholdWhole(word, withhold));
}
