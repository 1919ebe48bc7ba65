import { command, outlives, specPatch, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { findPullFailure } from '@/lib/diagnosis/texts/image-pull';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

const FORMAT =
  /exec format error|[Cc]annot execute binary file|Exec format error|\.node: (?:invalid ELF header|wrong ELF class)|mach-o,? but is an incompatible architecture/;
const EMULATED =
  /qemu-\w{1,20}: (?:Could not open|uncaught target signal)|rosetta error|ld-linux-(?:x86-64|aarch64)\.so.{0,20}No such file/;
const FEATURE: readonly Signature<null>[] = [
  { pattern: /CPU does not support (x86-64-v\d|[\w.-]{2,30})/, meaning: null },
  { pattern: /requires? (?:a )?(?:CPU|processor)s? (?:with|that supports?) ([\w.-]{2,30})/i, meaning: null },
  {
    pattern: /(?:was |were )?compiled to use ([\w., -]{2,80}?) instructions?,? but these aren't available/i,
    meaning: null,
  },
  {
    pattern: /(?:CPU|processor) (?:lacks|without|has no|is missing) (?:support for )?(?:the )?([\w.-]{2,30})/i,
    meaning: null,
  },
  {
    pattern:
      /(AVX2?|SSE4\.\d|AVX512\w{0,8}) (?:instructions? )?(?:is |are )?(?:not supported|not available|required|unsupported)/i,
    meaning: null,
  },
  { pattern: /[Ii]llegal instruction|SIGILL/, meaning: null },
];
const LOG: readonly Signature<null>[] = [
  { pattern: FORMAT, meaning: null },
  { pattern: EMULATED, meaning: null },
];

function otherArchitecture(architecture: string): string {
  return architecture === 'arm64' ? 'amd64' : 'arm64';
}

/** A tag or repository that names its architecture: `app:1.2-arm64`, `arm64v8/redis`. */
function namedArchitecture(image: string): string | null {
  const found = /(?:^|[-_./:])(arm64|aarch64|arm64v8|amd64|x86_64)(?=$|[-_./:])/.exec(image)?.[1];
  if (!found) return null;
  return found.startsWith('a') && found !== 'amd64' ? 'arm64' : 'amd64';
}

function finish(
  evidence: Evidence,
  confidence: Confidence,
  lead: Fact,
  reason: string,
  what: string,
  isFeature: boolean,
): Finding {
  const { node, container } = evidence;
  const exit = exitFact(evidence);
  const architecture = node?.architecture ?? '';
  const wanted = namedArchitecture(container.image) ?? otherArchitecture(architecture);
  return {
    confidence,
    what,
    sentence: headline(evidence, confidence, reason),
    facts: [
      lead,
      ...(node
        ? [
            fieldFact(
              `node/${node.name} status.nodeInfo.architecture`,
              architecture || '(unknown)',
              'The processor of its node',
            ),
          ]
        : []),
      specFact(evidence, 'image', container.image, 'The image'),
      ...(exit ? [exit] : []),
    ],
    steps: [
      isFeature
        ? step(
            'list-nodes',
            'See which nodes there are',
            'Their types and processors differ in what instructions they know.',
            command('kubectl', 'get', 'nodes', '-L', 'kubernetes.io/arch,node.kubernetes.io/instance-type'),
          )
        : step(
            'see-image-platforms',
            'See which processors the image is built for',
            'Lists the platforms of its index.',
            command('docker', 'buildx', 'imagetools', 'inspect', container.image),
          ),
      ...(isFeature || architecture === ''
        ? []
        : [
            specPatch(
              evidence,
              { nodeSelector: { 'kubernetes.io/arch': wanted } },
              {
                id: 'keep-on-nodes',
                title: `Keep it on ${wanted} nodes`,
                text: `Works where the cluster has such nodes: \`kubectl get nodes -L kubernetes.io/arch\`.`,
                done: outlives(evidence),
              },
            ),
          ]),
      {
        id: 'build-for-processor',
        operation: { kind: 'decide' },
        title: isFeature ? 'Build for the processor that is there' : 'Build the image for both processors',
        text: isFeature
          ? 'Take a build without these instructions, or move the workload to nodes that have them.'
          : 'docker buildx build --platform linux/amd64,linux/arm64 makes one tag that fits every node.',
        done: outlives(evidence),
      },
    ],
  };
}

/**
 * The binary does not fit the node's processor: another architecture, or instructions that this processor lacks.
 *
 * `exec format error` is also what a script without a first line `#!` gives, so it is certain only where the image names
 * another architecture than the node's, or the replicas on other nodes run. Exit 132 is SIGILL.
 */
export const wrongArchitecture = defineRule({
  id: 'wrong-architecture',
  cause: 'wrong-architecture',
  title: "Binary does not fit the node's processor",
  docs: 'https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch',
  doc: {
    describe: '`Error` with exit 255, 1 or 132 at once; or the pull fails with `no match for platform in manifest`.',
    logs: '`exec format error`, `Illegal instruction`, `CPU does not support x86-64-v2`.',
    steps: [
      "Compare the node's architecture with the platforms of the image.",
      'Build the image for both, or keep the workload on nodes that fit.',
    ],
    prevention:
      'Build multi-architecture images in CI, and set a node selector where a binary exists for one processor only.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const architecture = evidence.node?.architecture ?? '';
    const pull = findPullFailure(evidence);
    if (pull?.kind === 'platform') {
      return finish(
        evidence,
        'certain',
        pull.fact,
        `its image is not built for the node's processor${architecture ? ` (${architecture})` : ''}`,
        `image not built for ${architecture || "the node's processor"}`,
        false,
      );
    }
    const start = matchStartError(evidence, FORMAT);
    const match = start ? null : matchLog(evidence, LOG);
    if (start || match) {
      const lead = start
        ? start.error.fact
        : match
          ? logFact(match.log, match.no, 'What the kernel says of the binary')
          : null;
      if (!lead) return null;
      const named = namedArchitecture(evidence.container.image);
      const isProven = named !== null && architecture !== '' && named !== architecture;
      const confidence: Confidence = isProven
        ? 'certain'
        : start || (match && match.position < 3)
          ? 'likely'
          : 'possible';
      return finish(
        evidence,
        confidence,
        lead,
        `its binary is built for another processor than ${architecture || "the node's"}`,
        `binary does not fit the node${architecture ? ` (${architecture})` : ''}`,
        false,
      );
    }
    const last = evidence.lastTermination;
    const feature = matchLog(evidence, FEATURE);
    if (last?.exitCode !== 132 && !(feature && feature.position < 3 && feature.score >= 60)) return null;
    const exit = exitFact(evidence);
    const lead = feature ? logFact(feature.log, feature.no, 'What it says of the processor') : exit;
    if (!lead) return null;
    const name = feature?.groups.find((group) => group !== '') ?? '';
    return finish(
      evidence,
      'likely',
      lead,
      name
        ? `the processor of its node lacks ${name}`
        : 'it uses instructions that the processor of its node lacks (SIGILL)',
      name ? `processor lacks ${shorten(name, 40)}` : 'illegal instruction on this processor',
      true,
    );
  },
});
