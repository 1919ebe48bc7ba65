import { listVariables, logsCommand, outlives, restartWorkload, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { findLine, matchLog } from '@/lib/diagnosis/match-log';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { inWords, type Target, targetOf } from '@/lib/diagnosis/texts/dependency-target';
import { literalCredential, secretSources, showSecretCommand } from '@/lib/diagnosis/texts/secret-sources';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { type Meaning, SIGNATURES } from './signatures';

/** Servers print the refusals that they hand out, and serve on: then the refused one is somebody else. */
const SERVES =
  /ready to accept connections|ready for connections|[Ss]erver (?:is )?(?:started|ready|listening)|[Ll]istening (?:on|at)|[Ss]tarted \w{1,60} in [\d.]{1,12} seconds|[Ww]aiting for connections/;
/** A line of a PostgreSQL backend, which speaks for the server and not for a client. */
const BACKEND = /^\d{4}-\d\d-\d\d [\d:.]{8,15} [\w+-]{1,6} \[\d{1,8}\] (?:\S{1,80} )?FATAL:/;
/** The dependency's own probe asks with a password that its data does not know. */
const PROBE_REFUSED =
  /[Aa]ccess denied for user|password authentication failed|NOAUTH|WRONGPASS|[Aa]uthentication failed|[Ll]ogin failed for user|AuthenticationFailed/;

function reasonOf(meaning: Meaning, user: string, target: Target): { readonly what: string; readonly reason: string } {
  const where = target.host === '' ? '' : ` by ${inWords(target)}`;
  if (meaning === 'malformed') {
    return {
      what: 'a key or token is malformed',
      reason: 'a key or token that it is given is malformed: too short, cut, or with a line break in it',
    };
  }
  if (meaning === 'key') {
    return {
      what: 'its key does not fit the data that it decrypts',
      reason: 'the key that it is given is not the one that the stored data was encrypted with',
    };
  }
  if (meaning === 'absent') {
    return {
      what: shorten(`sends no credentials${where}`, 60),
      reason: `it sends no credentials, and they are demanded${where}`,
    };
  }
  const whose = user === '' ? 'its credentials are' : `the credentials of user ${user} are`;
  return { what: shorten(`${whose} refused${where}`, 60), reason: `${whose} refused${where}` };
}

function stepsOf(evidence: Evidence, meaning: Meaning): readonly Step[] {
  const source = secretSources(evidence)[0];
  const keys = evidence.references?.find((one) => one.kind === 'Secret' && one.name === source?.secret)?.keys;
  const key = source?.key || keys?.[0];
  const { namespace } = evidence.pod;
  return [
    source && key
      ? step(
          'see-secret-value',
          'See the value byte by byte',
          'A line break or blank at the end, quotes or a value encoded twice show here and nowhere else.',
          showSecretCommand(namespace, source.secret, key),
        )
      : step(
          'see-variables',
          'See where it gets its credentials from',
          'Each variable is listed with the Secret behind it.',
          listVariables(evidence),
        ),
    {
      id: 'correct-credentials',
      operation: { kind: 'decide' },
      title: meaning === 'key' ? 'Give it the key that it had before' : 'Make both sides agree',
      text:
        meaning === 'key'
          ? 'What was encrypted can be read with that key alone: restore it from the former Secret or from a backup.'
          : 'Set the right value in the Secret, or set the password anew on the other side. Databases take the password of their variables only when the data directory is first made: a later change there changes nothing.',
    },
    step(
      'restart',
      'Start it anew with the new value',
      'Variables are read once, when a container starts: a changed Secret reaches new pods only.',
      restartWorkload(evidence),
      outlives(evidence),
    ),
  ];
}

/** A probe that is turned away by the server it asks: the password of the spec is not that of the data. */
function fromProbe(evidence: Evidence): Finding | null {
  const kill = findProbeKill(evidence);
  const refused = kill?.unhealthy.findLast((event) => PROBE_REFUSED.test(event.message));
  if (!refused) return null;
  const source = secretSources(evidence)[0]?.fact ?? literalCredential(evidence);
  return {
    confidence: 'certain',
    what: 'its probe asks with a password that is refused',
    sentence: headline(
      evidence,
      'certain',
      'its own probe is refused: the password in the spec is not the one in its data',
      'is killed and started again',
    ),
    facts: [eventFact(refused, 'What the probe was told'), ...(source ? [source] : [])],
    steps: stepsOf(evidence, 'rejected'),
  };
}

/**
 * A password, token or key is refused, or cannot be used as it is.
 *
 * The other side's answer names the user; a library's own text tells of a malformed header or key. A server that prints the
 * refusals which it hands out to others, and serves on, is not meant. A missing variable is `env-missing`, a permission that
 * a known identity lacks `rbac-denied`.
 */
export const badCredentials = defineRule({
  id: 'bad-credentials',
  cause: 'bad-credentials',
  title: 'Password or token does not match or is malformed',
  docs: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  doc: {
    describe:
      '`Error` with exit 1, seconds after each start; often after a Secret was changed or a chart installed again.',
    logs: '`password authentication failed`, `Access denied for user`, `WRONGPASS`, `401 Unauthorized`, `invalid header field value`.',
    steps: [
      'Look at the value byte by byte: a line break at the end is the most frequent reason.',
      'Compare it with what the other side holds; a database keeps the password of its first start.',
      'Restart the workload after the Secret was changed.',
    ],
    prevention:
      'Take the credential of both sides from one Secret, create Secrets without a trailing line break, and roll pods when a Secret changes.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromProbe(evidence);
    const { meaning } = match;
    const isServer =
      meaning !== 'malformed' &&
      meaning !== 'key' &&
      (BACKEND.test(match.text) || findLine(match.log, SERVES) !== null);
    const isEndedOtherwise = evidence.lastTermination?.reason === 'OOMKilled';
    const code = evidence.lastTermination?.exitCode ?? 0;
    if (isEndedOtherwise || (isServer && (match.position > 0 || code === 0 || code > 128))) return fromProbe(evidence);
    const loose = logConfidence(evidence, match);
    const confidence: Confidence = isServer
      ? 'possible'
      : meaning === 'loose' && match.position > 6
        ? 'possible'
        : loose;
    const user = match.groups.find((one) => one !== '') ?? '';
    const { what, reason } = reasonOf(meaning, shorten(user, 40), targetOf(match.text));
    const source: Fact | null = secretSources(evidence)[0]?.fact ?? literalCredential(evidence);
    const exit = exitFact(evidence);
    return {
      confidence,
      what,
      sentence: headline(evidence, confidence, reason),
      facts: [logFact(match.log, match.no, 'What it is told'), ...(source ? [source] : []), ...(exit ? [exit] : [])],
      steps: [
        ...stepsOf(evidence, meaning),
        step(
          'read-log',
          'Read the log around it',
          'It may name the account and the address that were tried.',
          logsCommand(evidence),
        ),
      ],
    };
  },
});
