import type { SecretKind, Withhold } from './withheld';

/** Tokens that say by their own form what they are. Each begins where nothing of its alphabet stands before, and is bounded: linear time. */
const SHAPES: readonly (readonly [SecretKind, string])[] = [
  ['a token', 'eyJ[\\w-]{8,8000}\\.[\\w-]{4,16000}(?:\\.[\\w-]{0,4000}){0,3}'],
  ['a token', 'gh[pousr]_\\w{16,255}|github_pat_\\w{20,255}'],
  ['a token', 'gl(?:pat|dt|rt|cbt|ptt|soat|ft|agent|imt)-[\\w.-]{16,200}|GR1348941[\\w-]{16,64}'],
  ['a token', 'xox[abeoprs]-[\\w-]{10,255}|xapp-[\\w-]{10,255}'],
  ['a key', '(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])'],
  ['a key', 'sk-[\\w-]{20,255}|(?:sk|rk)_(?:live|test)_\\w{10,255}|whsec_[\\w+/=]{16,128}'],
  ['a key', 'AIza[\\w-]{35}|GOCSPX-[\\w-]{20,64}|ya29\\.[\\w-]{20,2000}|1//0[\\w-]{20,200}'],
  ['a token', 'npm_[A-Za-z0-9]{30,64}|pypi-[\\w-]{32,400}|rubygems_[0-9a-f]{32,64}'],
  ['a key', 'SG\\.[\\w-]{16,40}\\.[\\w-]{16,64}|SK[0-9a-f]{32}(?!\\w)|key-[0-9a-f]{32}(?!\\w)|xkeysib-[\\w-]{32,128}'],
  ['a token', 'do[opr]_v1_[0-9a-f]{32,128}|hf_[A-Za-z0-9]{24,64}|dckr_(?:pat|oat)_[\\w-]{20,64}'],
  ['a token', 'shp(?:at|ss|ca|pa)_[0-9a-fA-F]{24,64}|hv[sbr]\\.[\\w-]{20,300}|lin_api_\\w{24,64}|pul-[0-9a-f]{32,64}'],
  ['a token', 'NRAK-\\w{20,40}|PMAK-[0-9a-f]{20,32}-[0-9a-f]{30,40}|dp\\.(?:pt|st|ct|sa)\\.[\\w.-]{30,80}'],
  ['a token', 'sq0(?:atp|csp)-[\\w-]{20,64}|EAAA[\\w-]{58,80}|gl(?:sa|c)_[\\w+/=]{28,400}'],
  [
    'a token',
    'AT(?:ATT3|CTT3)[\\w=-]{40,300}|figd_[\\w-]{24,80}|ntn_\\w{30,64}|tskey-[\\w-]{16,80}|fm2_[\\w+/=]{40,800}',
  ],
  [
    'a token',
    'sntry[su]_[\\w+/=]{30,400}|dapi[0-9a-f]{32}(?!\\w)|r8_\\w{30,64}|gsk_\\w{30,64}|xai-\\w{30,120}|pplx-\\w{30,80}',
  ],
  [
    'a token',
    'HRKU-[\\w-]{30,80}|\\d{8,10}:AA[\\w-]{32,34}(?!\\w)|[MNO][\\w-]{23,25}\\.[\\w-]{6}\\.[\\w-]{27,38}(?!\\w)',
  ],
  ['a token', '\\w{14}\\.atlasv1\\.[\\w-]{40,90}|AGE-SECRET-KEY-1[0-9A-Z]{40,64}|[0-9a-f]{32}-us\\d{1,2}(?!\\w)'],
  ['a password', '[\\w.~-]{3}8Q~[\\w.~-]{31,34}'],
  ['a key', '[A-Za-z0-9+/]{86}=='],
  ['a private key', 'LS0tLS1CRUdJTi(?:BSU0Eg|BQUklWQVRF|BFQyBQUklW|BPUEVOU1NI|BFTkNSWVBU|BEU0Eg)[\\w+/=]{0,20000}'],
];
const KINDS = SHAPES.map(([kind]) => kind);
const ALL = new RegExp(`(?<![\\w/+.-])(?:${SHAPES.map(([, source]) => `(${source})`).join('|')})`, 'g');
/** The same for those that may follow a slash, a dot or a dash, as in a URL. */
const IN_URL =
  /(?<=hooks\.slack\.com\/(?:services|workflows)\/)[\w/]{20,120}|(?<=discord(?:app)?\.com\/api\/webhooks\/\d{10,24}\/)[\w-]{40,100}|(?<=api\.telegram\.org\/bot)\d{6,12}:[\w-]{30,40}|(?<=webhook\.office\.com\/webhookb2\/)[\w@/-]{30,300}/g;
/** One of these stands in every token shape; without one there is nothing to look for. */
const HINT =
  /eyJ|gh[pousr]_|github_pat|gl[a-z]{1,5}[-_]|GR13489|xox|xapp|AKIA|ASIA|ABIA|ACCA|sk-|[sr]k_|whsec|AIza|GOCSPX|ya29|1\/\/0|npm_|pypi-|rubygems_|SG\.|SK[0-9a-f]{8}|key-|xkeysib|_v1_|hf_|dckr_|shp(?:at|ss|ca|pa)_|hv[sbr]\.|lin_api|pul-|NRAK|PMAK|dp\.|sq0|EAAA|AT[AC]TT3|figd_|ntn_|tskey|fm2_|sntry|dapi|r8_|gsk_|xai-|pplx|HRKU|:AA|[MNO][\w-]{23,25}\.|atlasv1|AGE-SEC|-us\d|8Q~|==|LS0tLS1C|hooks\.slack|discord|telegram|webhookb2/;

/** Replaces tokens that are known by their form: JSON web tokens, keys of clouds and services, webhooks. */
export function withholdShapes(text: string, withhold: Withhold): string {
  if (!HINT.test(text)) return text;
  return text
    .replace(ALL, (found: string, ...groups: unknown[]) => {
      const index = groups.findIndex((group, at) => at < KINDS.length && typeof group === 'string');
      return withhold(KINDS[index] ?? 'a token', found);
    })
    .replace(IN_URL, (found) => withhold('a token', found));
}

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** No private key is longer; where no end stands within it, all of it goes. */
const PEM_LONGEST = 20_000;

/** Replaces private keys in PEM, encrypted or not, with real or written-out line breaks, cut off or whole. */
export function withholdPem(text: string, withhold: Withhold): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const kept: string[] = [];
  let rest = text;
  for (let begin = PEM_BEGIN.exec(rest); begin !== null; begin = PEM_BEGIN.exec(rest)) {
    const within = rest.slice(begin.index, begin.index + PEM_LONGEST);
    const end = PEM_END.exec(within);
    const length = end ? end.index + end[0].length : within.length;
    kept.push(rest.slice(0, begin.index), withhold('a private key', within.slice(0, length)));
    rest = rest.slice(begin.index + length);
  }
  return kept.join('') + rest;
}

/** Tells where a line of a log begins or ends a private key that goes over several lines. */
export const PEM = { begin: PEM_BEGIN, end: PEM_END } as const;
