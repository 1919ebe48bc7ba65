import type { SecretKind } from './withheld';

/** Last words of names that hold a place, a switch, a measure or a label, not the credential itself. */
const HARMLESS_LAST = new Set(
  'file files filename path dir directory folder name names ref refs url urls uri uris host hosts hostname port ports enabled disabled required optional ttl expiry expires expiration expiring expired lifetime duration timeout interval age period type types algorithm alg length len count size limit max min number header issuer audience method mode provider providers class strategy policy version prefix suffix field column format endpoint endpoints service server domain realm scope scopes env arn group groups role user username users usernames login hint label namespace store manager rotation backend source volume mount location status state error errors exception help reset prompt validator encoder template schema id ids kind'.split(
    ' ',
  ),
);
/** Words before `key` that make it one of data and not of a door. */
const DATA_KEY = new Set(
  'public pub partition primary foreign sort routing cache row hash idempotency dedup dedupe group shard object map config index unique publishable registry lock label annotation topology sorted duplicate missing json yaml dict env s3 bucket redis message event record metric setting property lookup composite compound natural surrogate order storage state binding'.split(
    ' ',
  ),
);
/** Words that name a password without a separator before them: `PGPASSWORD`, `requirepass`. */
const PASSWORD_TAIL =
  /(?:passwords?|passwd|passphrase|passcode|(?:^|pg|redis|db|user|root|admin|require|key|store|my|sql|mongo|mq|smtp|ftp|ldap|http)pass|masterauth|passin|passout)$/;
const TOKEN_TAIL = /(?:secrets?|tokens?|setcookie)$/;
const KEY_TAIL = /(?:api|access|secret|private|account|master|signing|encrypt|encryption|shared|license)keys?$/;
/** Amounts of tokens, as language models and parsers count them. */
const COUNTED = new Set(
  'max min num number total prompt completion input output used remaining count new cached reasoning'.split(' '),
);
const WORKING_DIRECTORY = /^(?:OLD)?PWD$/;

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]{2,})([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d{1,4}$/, ''))
    .filter((word) => word !== '');
}

function kindOfWord(word: string, isLast: boolean, isFirst: boolean): SecretKind | null {
  if (/^passwords?$|^passwd$/.test(word) || PASSWORD_TAIL.test(word)) return 'a password';
  if (word === 'pw' || word === 'pwd') return isLast || isFirst ? 'a password' : null;
  if (word === 'pass') return isLast ? 'a password' : null;
  if (word === 'bearer' || word === 'jwt' || word === 'pat') return isLast ? 'a token' : null;
  if (TOKEN_TAIL.test(word)) return word.startsWith('token') || word.endsWith('token') ? 'a token' : 'a credential';
  if (KEY_TAIL.test(word)) return /private/.test(word) ? 'a private key' : 'a key';
  if (/^(?:credentials?|creds?|dsn|salt|sas|otp)$/.test(word))
    return isLast || word.startsWith('cred') ? 'a credential' : null;
  if (word === 'cookie' || word === 'cookies') return 'a cookie';
  if (word === 'authorization' || word === 'auth') return isLast ? 'a credential' : null;
  return null;
}

/**
 * What a variable, key, field or header of this name holds, or null where it is no credential. Names come in any case, with
 * prefixes and plurals: `DB_PASSWORD`, `dbPassword`, `_authToken`, `USER_PASSWORDS`. `PASSWORD_FILE` and the like hold a place: null.
 */
export function kindOfName(name: string): SecretKind | null {
  if (name.length < 2 || name.length > 120 || WORKING_DIRECTORY.test(name)) return null;
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined || HARMLESS_LAST.has(last)) {
    // The id of an AWS access key and the secret id of a Vault role open the door together with their other half.
    return last === 'id' && /(?:access_?key|secret)_?id$/i.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'))
      ? 'a key'
      : null;
  }
  if (last === 'tokens' && words.some((word) => COUNTED.has(word))) return null;
  if (last === 'key' || last === 'keys') return kindOfKey(words);
  for (const [index, word] of words.entries()) {
    const kind = kindOfWord(word, index === words.length - 1, index === 0);
    if (kind !== null) return kind;
  }
  const phrase = words.join('_');
  if (/private_key/.test(phrase)) return 'a private key';
  return /(?:api|access|secret|encryption|signing|account)_key/.test(phrase) ? 'a key' : null;
}

function kindOfKey(words: readonly string[]): SecretKind | null {
  const before = words.at(-2);
  if (before === undefined) return words[0] === 'key' ? 'a key' : null;
  if (DATA_KEY.has(before)) return null;
  return before === 'private' || words.includes('private') ? 'a private key' : 'a key';
}

/** Tells whether a variable or key of this name holds a credential. */
export function isSecretName(name: string): boolean {
  return kindOfName(name) !== null;
}
