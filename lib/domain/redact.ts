/** What stands in place of a credential. */
const REDACTED = '[redacted]';

const SECRET_NAME =
  /pass(word|wd|phrase)?$|pass(word|wd|phrase)[_.-]|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|credential|^key$|[_.-]key$|salt$|cookie|bearer|auth[_-]?header|^auth$|[_-]pw$|[_-]pwd$|^pwd[_-]|dsn$/i;
const CAMEL_KEY = /[a-z](?:Key|Token|Secret)$/;
/** Names that hold a place or a switch, not the credential itself. */
const HARMLESS_NAME =
  /(file|path|dir|name|ref|url|uri|host|port|enabled|required|ttl|expiry|expires|expiration|type|algorithm|length|count|header[_-]?name|issuer|audience)$/i;
const USERINFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/@:]{0,256})(?::([^\s@/]{0,256}))?@/gi;
const URL_START = /^\s{0,8}[a-z][a-z0-9+.-]{0,30}:\/\//i;
const ASSIGNMENT =
  /(\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|sas|sig|accountkey|sharedaccesskey)["']?\s{0,3}[=:]\s{0,3})(?!\s)("[^"\n]{1,512}"|'[^'\n]{1,512}'|[^\s;,&"'}]{1,512})/gi;
/** A JSON web token begins where nothing of its own alphabet stands before: else each `-eyJ` of a long line is a start to try. */
const TOKEN_SHAPES =
  /(?<![\w-])eyJ[\w-]{10,2000}\.[\w-]{6,4000}\.[\w-]{0,1000}|\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|xox[abprs]-[\w-]{10,255}|AKIA[0-9A-Z]{16}|sk-[\w-]{20,255}|sk_live_\w{10,255}|AIza[\w-]{35})/g;
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^-]{0,16384}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?/g;
const BEARER = /\b(Bearer|Basic)\s+[\w+/=.~-]{12,4096}/g;

/** Tells whether a variable or key of this name holds a credential. `PASSWORD_FILE` and the like hold a place: false. */
export function isSecretName(name: string): boolean {
  return (SECRET_NAME.test(name) || CAMEL_KEY.test(name)) && !HARMLESS_NAME.test(name);
}

/** Gives free text without the credentials in it: URLs keep scheme, user, host and path but lose the password. */
export function redactText(text: string): string {
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(USERINFO, (_all, scheme: string, user: string, password: string | undefined) =>
      password === undefined ? `${scheme}${user}@` : `${scheme}${user}:${REDACTED}@`,
    )
    .replace(ASSIGNMENT, (_all, lead: string) => `${lead}${REDACTED}`)
    .replace(BEARER, (_all, scheme: string) => `${scheme} ${REDACTED}`)
    .replace(TOKEN_SHAPES, REDACTED);
}

/** Gives the value of a variable as it may be shown. An empty value stays empty: that it is empty may be the cause. */
export function redactValue(name: string, value: string): string {
  if (value === '') return '';
  return isSecretName(name) && !URL_START.test(value) ? REDACTED : redactText(value);
}

const DROPPED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

function redactArgs(list: readonly unknown[]): unknown[] {
  let hidesNext = false;
  return list.map((item) => {
    if (typeof item !== 'string') return redactUnknown(item);
    if (hidesNext && !item.startsWith('-')) {
      hidesNext = false;
      return REDACTED;
    }
    const flag = /^(--?[\w.-]{1,80})(=)?/.exec(item);
    hidesNext = flag !== null && flag[2] === undefined && isSecretName(flag[1] ?? '');
    if (flag?.[2] !== undefined && isSecretName(flag[1] ?? '')) return `${flag[1]}=${REDACTED}`;
    return redactText(item);
  });
}

function redactUnknown(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactUnknown);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Record<string, unknown>;
  const isEnv = typeof record.name === 'string' && typeof record.value === 'string';
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, inner]): [string, unknown][] => {
      if (key === 'managedFields') return [];
      if (key === 'annotations' && inner !== null && typeof inner === 'object') {
        const kept = Object.entries(inner).filter(([name]) => name !== DROPPED_ANNOTATION);
        return [[key, Object.fromEntries(kept.map(([name, text]) => [name, redactNamed(name, text)]))]];
      }
      if ((key === 'args' || key === 'command') && Array.isArray(inner)) return [[key, redactArgs(inner)]];
      if (isEnv && key === 'value') return [[key, redactValue(String(record.name), String(inner))]];
      return [[key, redactUnknown(inner)]];
    }),
  );
}

function redactNamed(name: string, value: unknown): unknown {
  return typeof value === 'string' ? redactValue(name, value) : redactUnknown(value);
}

/**
 * Gives a copy of a Kubernetes object that may be shown: credentials in env values, arguments and annotations replaced,
 * `managedFields` and the last-applied annotation dropped. `data` and `stringData` of a Secret are dropped whole; of a
 * ConfigMap each entry is redacted by its name and text.
 */
export function redactObject(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (key === 'data' || key === 'stringData') {
      if (object.kind === 'Secret' || value === null || typeof value !== 'object') continue;
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, text]) => [name, redactNamed(name, text)]));
    } else if (key === 'metadata' || key === 'spec' || key === 'status') {
      copy[key] = redactUnknown(value);
    } else {
      copy[key] = value;
    }
  }
  return copy;
}
