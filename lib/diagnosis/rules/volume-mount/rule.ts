import { command, describeCommand, describeNodeStep, kubectl, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, fieldFact } from '@/lib/diagnosis/facts';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';

const REASONS = [
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'VolumeResizeFailed',
  'FailedMountOnFilesystemMismatch',
] as const;
/** A cache that is not filled yet: noise of every healthy start (crash-semantics 12). */
const TRANSIENT = /failed to sync (?:configmap|secret) cache|object "[^"]{1,300}" not registered/;
const START =
  /error mounting "([^"]{1,500})" to rootfs|failed to (?:create subPath directory|prepare subPath)|subPath|failed to generate (?:container )?.{0,60}?spec: failed to generate spec: (?:failed to (?:stat|mkdir)|no command)?.{0,20}"?(\/var\/lib\/kubelet|\/)|Are you trying to mount a directory onto a file|ImageVolumeMountFailed|not a directory: unknown|failed to mkdir|mount through procfd|create mountpoint/;
const STALE = /failed to reserve container name/;

/** Texts of FailedMount, the clearest last words first. */
const READINGS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    /(configmap|secret) "([^"]{1,253})" not found/i,
    (found) => `${found[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'} ${found[2]} does not exist`,
  ],
  [
    /references non-existent (secret|config) key: (\S{1,253})/i,
    (found) =>
      `it lists the key ${found[2]}, which the ${found[1] === 'secret' ? 'Secret' : 'ConfigMap'} does not have`,
  ],
  [/[Mm]ulti-Attach error for volume "([^"]{1,253})"/, () => 'it is still attached to another node'],
  [
    /persistentvolumeclaim "([^"]{1,253})" (?:not found|is being deleted)/i,
    (found) => `claim ${found[1]} does not exist`,
  ],
  [
    /hostPath type check failed: (\S{1,300}) is not a (\w{1,30})/,
    (found) => `${found[1]} on the node is no ${found[2]}`,
  ],
  [
    /(?:driver name|driver) (\S{1,120}) not found in the list of registered CSI drivers/,
    (found) => `the CSI driver ${found[1]} does not run on the node`,
  ],
  [/wrong fs type, bad option, bad superblock/, () => 'its filesystem cannot be mounted by the node'],
  [/mount\.nfs[^:]{0,10}: ([^\n]{1,120})/, (found) => `the NFS server answers: ${found[1]}`],
  [
    /(?:access denied by server while mounting|No such file or directory|[Cc]onnection timed out|[Pp]ermission denied|special device \S{1,200} does not exist)/,
    (found) => found[0].toLowerCase(),
  ],
  [
    /rpc error: code = \w{1,30} desc = ([^\n]{1,300})/,
    (found) => `the driver answers: ${shorten(found[1] ?? '', 120)}`,
  ],
  [/timed out waiting for the condition|context deadline exceeded/, () => 'it was not ready in time'],
];

function readingOf(message: string): string {
  const text = message.slice(0, 2048);
  for (const [pattern, say] of READINGS) {
    const found = pattern.exec(text);
    if (found) return say(found);
  }
  return shorten(text.replace(/^MountVolume\.\w{1,40} failed for volume "[^"]{1,253}" : /, ''), 120);
}

function volumeOf(message: string): string {
  return (
    /(?:for volume|volume) "([^"]{1,253})"/.exec(message)?.[1] ??
    /unmounted volumes=\[([^\]\s,]{1,253})/.exec(message)?.[1] ??
    ''
  );
}

/** The volume of the pod spec that the event's name means: its own, or that of the claim's persistent volume. */
function volumeFact(evidence: Evidence, name: string): Fact | null {
  const volume = evidence.pod.volumes.find((one) => one.name === name);
  if (!volume) return null;
  return fieldFact(`spec.volumes[${volume.name}]`, `${volume.kind}${volume.ref ? ` ${volume.ref}` : ''}`, 'The volume');
}

function steps(evidence: Evidence, message: string): readonly Step[] {
  const object = /(configmap|secret) "([^"]{1,253})" not found/i.exec(message);
  const first: Step = object
    ? step(
        'list-objects',
        `See which ${object[1]?.toLowerCase()}s there are`,
        'Create the missing one, correct the name in the volume, or mark it optional. The kubelet tries again by itself.',
        kubectl(evidence, 'get', (object[1] ?? 'configmap').toLowerCase()),
        { kind: 'container-starts' },
      )
    : /Multi-Attach|AttachVolume/.test(message)
      ? step(
          'see-attachments',
          'See where it is attached',
          'A volume for one node follows only when the pod on the other node is gone; the strategy Recreate lets it go first.',
          command('kubectl', 'get', 'volumeattachments'),
          { kind: 'container-starts' },
        )
      : step(
          'see-claims',
          'Look at the claims',
          'A claim that is not bound, or a driver that reports an error, is told here.',
          kubectl(evidence, 'describe', 'pvc'),
          { kind: 'container-starts' },
        );
  return [
    first,
    step(
      'read-newest-event',
      'Read the newest event',
      'The last words of the driver stand at the end of the message.',
      describeCommand(evidence),
    ),
  ];
}

function newest(evidence: Evidence): EventSnapshot | null {
  const events = podEvents(evidence, ...REASONS).filter((event) => event.involved.kind === 'Pod');
  const telling = events.filter((event) => !TRANSIENT.test(event.message));
  // "timed out waiting" only sums up; the text of the single volume says why.
  const detailed = telling.findLast(
    (event) => !/^Unable to attach or mount volumes|timed out waiting for the condition$/.test(event.message),
  );
  return detailed ?? telling.at(-1) ?? (events.some((event) => event.count > 10) ? (events.at(-1) ?? null) : null);
}

/**
 * A volume cannot be attached or mounted, so the container is never made; or a mount inside it cannot be set up.
 *
 * `FailedMount` or `FailedAttachVolume` while the container waits for its creation. A single one before a start that then
 * succeeded is noise. A volume that is mounted and not writable belongs to `volume-permission`.
 */
export const volumeMount = defineRule({
  id: 'volume-mount',
  cause: 'volume-mount',
  title: 'Volume cannot be attached or mounted',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
  doc: {
    describe:
      '`ContainerCreating` that does not end, with `FailedMount` or `FailedAttachVolume`; or `error mounting` in a start error.',
    logs: 'None: it never ran.',
    steps: [
      'Read the newest `FailedMount`: its last words come from the driver.',
      'See whether ConfigMap, Secret or claim exist, and whether the claim is bound.',
      'Where a volume is held by another node, let the pod there go first.',
    ],
    prevention:
      'Use the strategy Recreate, or a volume for many nodes, where a rollout would need one volume in two places.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence): Finding | null => {
    const start = matchStartError(evidence, START);
    if (start && !/permission denied/.test(start.error.text)) {
      const path = start.match[1] ?? '';
      return {
        confidence: 'certain',
        what: 'a mount inside the container cannot be set up',
        sentence: headline(
          evidence,
          'certain',
          `a mount cannot be set up: ${shorten(start.error.text.replace(/^.{0,200}?(?=error mounting|failed to (?:create|prepare) subPath)/s, ''), 140)}`,
          'does not start',
        ),
        facts: [start.error.fact, ...(path ? [fieldFact('spec.volumes', path, 'What was to be mounted')] : [])],
        steps: [
          step(
            'see-volume-content',
            'Compare mount path and subPath with what the volume holds',
            'A file needs subPath of a key that exists; a directory cannot be put over a file.',
            kubectl(evidence, 'get', 'pod', evidence.pod.name, '-o', 'yaml'),
            { kind: 'container-starts' },
          ),
          step('read-events', 'Read the events', 'The whole text of the runtime.', describeCommand(evidence)),
        ],
      };
    }
    const event = newest(evidence);
    const { state } = evidence.status;
    const hasVolumes = evidence.pod.volumes.some(
      (volume) => volume.kind === 'persistentVolumeClaim' || volume.kind === 'csi',
    );
    if (!event) {
      const stale = hasVolumes ? matchStartError(evidence, STALE) : null;
      if (!stale) return null;
      return {
        confidence: 'possible',
        what: 'the runtime hangs making it, perhaps at its volume',
        sentence: headline(
          evidence,
          'possible',
          'an earlier attempt still hangs in the runtime, as it does when a volume does not answer',
          'does not start',
        ),
        facts: [stale.error.fact],
        steps: [
          ...describeNodeStep(evidence, {
            id: 'look-at-node',
            title: 'Look at the node',
            text: 'The log of its runtime tells where the first attempt hangs.',
          }),
        ],
      };
    }
    const isBefore = evidence.lastTermination !== undefined || state.kind === 'running';
    const isFresh = evidence.now - (event.last ?? evidence.now) < 10 * 60_000;
    if (isBefore && !(event.count > 10 && isFresh && state.kind === 'running')) return null;
    if (state.kind === 'waiting' && !['ContainerCreating', 'PodInitializing', ''].includes(state.reason)) return null;
    const name = volumeOf(event.message);
    const fact = volumeFact(evidence, name);
    const reading = readingOf(event.message);
    const isVague = /^it was not ready in time$/.test(reading);
    const confidence: Confidence = TRANSIENT.test(event.message) || (isVague && event.count < 2) ? 'likely' : 'certain';
    const shown = name === '' ? 'a volume' : `volume ${shorten(name, 40)}`;
    return {
      confidence,
      what: `${shown} cannot be mounted`,
      sentence: headline(
        evidence,
        confidence,
        `${shown} cannot be mounted: ${reading}`,
        state.kind === 'running' ? 'keeps an old mount' : 'does not start',
      ),
      facts: [eventFact(event, 'Why the mount fails'), ...(fact ? [fact] : [])],
      steps: steps(evidence, event.message),
    };
  },
});
