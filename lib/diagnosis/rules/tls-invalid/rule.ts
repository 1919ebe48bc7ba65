import { command, kubectl, outlives, restartWorkload, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog } from '@/lib/diagnosis/match-log';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Operation } from '@/lib/diagnosis/steps/operation';
import { inWords, isLocal, type Target, targetOf } from '@/lib/diagnosis/texts/dependency-target';
import { mountedSecrets, type SecretSource } from '@/lib/diagnosis/texts/secret-sources';
import type { Confidence, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { type Meaning, SIGNATURES } from './signatures';

const URL_HOST = /https:\/\/(?:[^\s/@"']{1,100}@)?([A-Za-z0-9][\w.-]{0,252})(?::(\d{2,5}))?/;

/** Who presented the certificate. An address without a port speaks on the port of https. */
function peerOf(text: string): Target {
  const target = targetOf(text);
  if (target.host !== '' && !isLocal(target)) return target;
  const found = URL_HOST.exec(text);
  return found ? { host: found[1] ?? '', port: found[2] ?? '443' } : { host: '', port: '' };
}

/** What is wrong, for the board and as a clause; `whose` is "the certificate" or "the certificate of db:5432". */
function wordsOf(meaning: Meaning, whose: string, until: string): { readonly what: string; readonly reason: string } {
  switch (meaning) {
    case 'expired':
      return {
        what: `${whose} has expired`,
        reason: until === '' ? `${whose} has expired or is not yet valid` : `${whose} was valid until ${until}`,
      };
    case 'name':
      return { what: `${whose} is for another name`, reason: `${whose} does not hold the name that it is called by` };
    case 'pair':
      return {
        what: 'certificate and key do not belong together',
        reason: 'its certificate and its private key do not belong together',
      };
    case 'unreadable':
      return {
        what: 'its certificate or key cannot be read',
        reason: 'its certificate or key is not one that can be read',
      };
    case 'client':
      return {
        what: 'its own certificate is refused',
        reason: 'the other side refuses the certificate that it presents',
      };
    case 'handshake':
      return { what: 'TLS cannot be agreed on', reason: 'no TLS connection comes about with the other side' };
    case 'unknown-authority':
      return { what: `${whose} is not trusted`, reason: `${whose} is signed by an authority that it does not know` };
  }
}

function showCertificate(evidence: Evidence, secret: string, key: string): Operation {
  const { namespace } = evidence.workload;
  return {
    ...command(
      'kubectl',
      '-n',
      namespace,
      'get',
      'secret',
      secret,
      '-o',
      `jsonpath={.data.${key.replaceAll('.', '\\.')}}`,
    ),
    pipes: [
      ['base64', '-d'],
      ['openssl', 'x509', '-noout', '-subject', '-issuer', '-dates', '-ext', 'subjectAltName'],
    ],
  };
}

function askPeer(evidence: Evidence, { host, port }: Target): Operation {
  const name = host.replace(/[^\w.:[\]-]/g, '');
  const script = `openssl s_client -connect ${name}:${port || '443'} -servername ${name} -showcerts </dev/null`;
  return kubectl(
    evidence,
    'run',
    'unloop-tls',
    '--rm',
    '-it',
    '--restart=Never',
    '--image=alpine/openssl',
    '--command',
    '--',
    'sh',
    '-c',
    script,
  );
}

/** The mounted Secret that holds a certificate: by its type, its keys, its name, else the only one there is. */
function certificateSecret(evidence: Evidence): { readonly source: SecretSource; readonly key: string } | null {
  const mounted = mountedSecrets(evidence);
  const rated = mounted.map((source) => {
    const object = evidence.references?.find((one) => one.kind === 'Secret' && one.name === source.secret);
    const key = object?.keys?.find((one) => /\.(?:crt|pem|cert)$/.test(one));
    const looks = object?.type === 'kubernetes.io/tls' || key !== undefined || /tls|cert|ca\b|ssl/i.test(source.secret);
    return { source, key: key ?? 'tls.crt', looks };
  });
  return rated.find((one) => one.looks) ?? rated[0] ?? null;
}

function stepsOf(evidence: Evidence, meaning: Meaning, peer: Target): readonly Step[] {
  const own = certificateSecret(evidence);
  const isOwn = meaning === 'pair' || meaning === 'unreadable' || meaning === 'client';
  const lookOwn = own
    ? [
        step(
          'see-own-certificate',
          `Look at what Secret ${own.source.secret} holds`,
          'Issuer, names and dates; put the fitting key in place of the one in the command where it is another.',
          showCertificate(evidence, own.source.secret, own.key),
        ),
      ]
    : [];
  const lookPeer =
    peer.host === ''
      ? []
      : [
          step(
            'see-peer-certificate',
            'Look at the certificate that the other side presents',
            'From inside the cluster: names, issuer and dates of the whole chain.',
            askPeer(evidence, peer),
          ),
        ];
  const change: Readonly<Record<Meaning, readonly [string, string]>> = {
    expired: [
      'Renew the certificate',
      'Have its issuer renew it, then restart who presents it: most programs read it once, at their start. Where all certificates seem to be of the future, the clock of the node is wrong.',
    ],
    'unknown-authority': [
      'Give it the authority that signed the certificate',
      'Mount the CA certificate and name it in the trust setting of its language (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, a Java truststore). After a CA was rotated, mount the new one.',
    ],
    name: [
      'Use a name that the certificate holds',
      'Call the other side by a name of the certificate, or have the certificate issued for the name that is called.',
    ],
    pair: [
      'Put certificate and key of one issue into the Secret',
      'They were renewed apart, or the wrong files were taken.',
    ],
    unreadable: [
      'Put a whole PEM file into the Secret',
      'With its BEGIN and END lines, not encoded twice, the key without a password.',
    ],
    client: [
      'Give it a certificate that the other side accepts',
      'Issued by the CA which the other side trusts, and not expired.',
    ],
    handshake: [
      'Compare what both sides can speak',
      'Versions, ciphers, and whether a client certificate is demanded.',
    ],
  };
  const [title, text] = change[meaning];
  return [
    ...(isOwn ? [...lookOwn, ...lookPeer] : [...lookPeer, ...lookOwn]),
    { id: 'correct-certificate', operation: { kind: 'decide' }, title, text, done: outlives(evidence) },
    step(
      'restart',
      'Start it anew',
      'A changed Secret reaches the files of a pod after a minute, and a program that has read them only at its next start.',
      restartWorkload(evidence),
      outlives(evidence),
    ),
  ];
}

/** A probe command of the program's own that cannot verify its server. */
function fromProbe(evidence: Evidence): Finding | null {
  const kill = findProbeKill(evidence);
  const failed = kill?.unhealthy.findLast(
    ({ message }) =>
      kill.spec?.handler === 'exec' && SIGNATURES.some(({ pattern }) => pattern.test(message.slice(0, 2048))),
  );
  if (!failed) return null;
  const own = certificateSecret(evidence)?.source.fact;
  return {
    confidence: 'certain',
    what: 'its probe does not accept its certificate',
    sentence: headline(
      evidence,
      'certain',
      'its own probe does not accept its certificate',
      'is killed and started again',
    ),
    facts: [eventFact(failed, 'What the probe said'), ...(own ? [own] : [])],
    steps: stepsOf(evidence, 'unreadable', { host: '', port: '' }).filter(
      ({ operation }) => operation.kind !== 'decide',
    ),
  };
}

/**
 * A certificate is expired, signed by an authority that is not known, issued for another name, or cannot be read.
 *
 * The verifier's own text says which of these. A server that prints the handshakes which its clients break off is not meant,
 * nor is a plain-text answer on a TLS port (`setting-invalid`), nor a certificate file that is not there (`file-missing`).
 */
export const tlsInvalid = defineRule({
  id: 'tls-invalid',
  cause: 'tls-invalid',
  title: 'Certificate expired, unknown or for another name',
  docs: 'https://kubernetes.io/docs/tasks/tls/managing-tls-in-a-cluster/',
  doc: {
    describe: '`Error` with exit 1, seconds after each start, often on all workloads that speak to one place.',
    logs: '`x509: certificate has expired`, `certificate signed by unknown authority`, `PKIX path building failed`, `CERTIFICATE_VERIFY_FAILED`.',
    steps: [
      'Look at dates, names and issuer of the certificate that is presented.',
      'Renew it, mount its authority, or call the other side by a name that it holds.',
      'Restart who presents it and who verifies it.',
    ],
    prevention:
      'Let certificates be renewed by machine, watch their end dates, and mount authorities instead of copying them into images.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromProbe(evidence);
    const { meaning } = match;
    const peer = peerOf(match.text);
    const certificate = peer.host === '' ? 'a certificate' : `the certificate of ${inWords(peer)}`;
    const until = match.groups[0] === 'after' ? (match.groups[1] ?? '') : '';
    const { what, reason } = wordsOf(meaning, certificate, until);
    const loose = logConfidence(evidence, match);
    const isExact = meaning !== 'handshake' && meaning !== 'client';
    const confidence: Confidence = meaning === 'handshake' && match.position > 3 ? 'possible' : loose;
    const own = certificateSecret(evidence)?.source.fact;
    const exit = exitFact(evidence);
    return {
      confidence,
      what: shorten(what, 60),
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, isExact ? 'What verifying it said' : 'What the handshake said'),
        ...(own ? [own] : []),
        ...(exit ? [exit] : []),
      ],
      steps: stepsOf(evidence, meaning, peer),
    };
  },
});
