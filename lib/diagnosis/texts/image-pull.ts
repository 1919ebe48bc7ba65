import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, statusFact } from '@/lib/diagnosis/facts';
import { eventsOf } from '@/lib/diagnosis/probe-kill';
import type { Fact } from '@/lib/diagnosis/verdict';

/** What a failed image pull means (crash-semantics 7.G). `unsaid`: only the back-off is known, not why. */
export type PullClass =
  | 'never-pull'
  | 'invalid-name'
  | 'rate-limit'
  | 'platform'
  | 'denied'
  | 'corrupt'
  | 'disk'
  | 'not-found'
  | 'network'
  | 'tls'
  | 'signature'
  | 'unsaid'
  | 'other';

export interface PullFailure {
  readonly kind: PullClass;
  readonly text: string;
  readonly fact: Fact;
}

const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** In the order of crash-semantics 7.G: the words of "not found" stand in other texts too. */
const CLASSES: readonly (readonly [PullClass, RegExp])[] = [
  ['rate-limit', /toomanyrequests|pull QPS exceeded|429 Too Many Requests|rate limit/i],
  ['platform', /no match for platform in manifest|no matching manifest for|does not match the specified platform/i],
  [
    'denied',
    /pull access denied|insufficient_scope|authorization failed|unauthorized|401 Unauthorized|403 Forbidden|no basic auth credentials|\bdenied\b|authentication (?:is )?(?:required|failed)|access (?:is )?forbidden|login required|incorrect username or password|no pull access|not authorized|status(?: code)?:? 40[13]\b|\b40[13] \(?(?:Forbidden|Unauthorized)|docker login|credentials? (?:helper|provider|not found|are|is)|ExpiredToken|token (?:has |is )?expired/i,
  ],
  [
    'corrupt',
    /failed to extract layer|unexpected EOF|invalid tar header|failed size validation|unpigz|digest mismatch|layers? .{0,80}corrupt|not present in content store|blob not found|failed commit on ref|short read/i,
  ],
  ['disk', /no space left on device/i],
  [
    'tls',
    /x509:|TLS handshake|certificate|server gave HTTP response to HTTPS client|first record does not look like a TLS/i,
  ],
  [
    'network',
    /i\/o timeout|no such host|connection refused|context deadline exceeded|: EOF|50[0234] |Service Unavailable|Bad Gateway|no route to host|network is unreachable|connection reset|connection timed out|server misbehaving|proxyconnect|dial tcp|Client\.Timeout|request canceled/i,
  ],
  ['invalid-name', /invalid reference format|couldn't parse image|could not parse reference/i],
  [
    'not-found',
    /not found|manifest unknown|name unknown|repository does not exist|NotFound|does not exist|MANIFEST_UNKNOWN/i,
  ],
];

function classify(reason: string, text: string): PullClass {
  if (reason === 'ErrImageNeverPull') return 'never-pull';
  if (reason === 'InvalidImageName') return 'invalid-name';
  if (reason === 'SignatureValidationFailed') return 'signature';
  const found = CLASSES.find(([, pattern]) => pattern.test(text))?.[0];
  if (found) return found;
  if (reason === 'RegistryUnavailable') return 'network';
  return /^Back-off pulling image "[^"]{1,1000}"\.?$/.test(text) || text === '' ? 'unsaid' : 'other';
}

const MEMO = new WeakMap<Evidence, { readonly failure: PullFailure | null }>();

/**
 * Finds why the container's image cannot be had: from what it waits on, else from the newest `Failed` event about the
 * pull. Gives null where the image is not what it waits for.
 */
export function findPullFailure(evidence: Evidence): PullFailure | null {
  const known = MEMO.get(evidence);
  if (known) return known.failure;
  const failure = readPullFailure(evidence);
  MEMO.set(evidence, { failure });
  return failure;
}

function readPullFailure(evidence: Evidence): PullFailure | null {
  const { state } = evidence.status;
  const isWaiting = state.kind === 'waiting' && IMAGE_REASONS.has(state.reason);
  if (!isWaiting) return null;
  const own = classify(state.reason, state.message);
  const fact = statusFact(
    evidence,
    'state.waiting.message',
    state.message || state.reason,
    `It waits on ${state.reason}`,
  );
  if (own !== 'unsaid') return { kind: own, text: state.message, fact };
  const told = eventsOf(evidence, 'Failed', 'InspectFailed', 'ErrImageNeverPull').findLast(
    (event) => !/^Error: (?:ErrImagePull|ImagePullBackOff)$/.test(event.message),
  );
  if (!told) return { kind: 'unsaid', text: state.message, fact };
  const kind = told.reason === 'ErrImageNeverPull' ? 'never-pull' : classify('', told.message);
  return { kind, text: told.message, fact: eventFact(told, 'Why the pull failed') };
}
