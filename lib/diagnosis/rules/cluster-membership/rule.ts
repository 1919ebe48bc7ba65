import { kubectl, seenByPerson, step, workloadRef } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { type Meaning, SIGNATURES } from './signatures';

type Why = Meaning['why'];

const WORDS: Readonly<Record<Why, { readonly what: string; readonly reason: string }>> = {
  identity: {
    what: 'its data belongs to another cluster or member',
    reason: 'the data on its volume belongs to another cluster or member than the one it is to join',
  },
  bootstrap: {
    what: 'no member may start the cluster anew',
    reason: 'it finds no running cluster to join, and may not start one anew by itself',
  },
  removed: {
    what: 'the cluster does not take it in',
    reason: 'the cluster knows a member of its name that it is not, or has removed it, or is not whole',
  },
  config: {
    what: 'it is not in the list of members',
    reason: 'the list of members that it is given does not fit what it is or what the others have',
  },
  peers: {
    what: 'finds too few members of its cluster',
    reason: 'too few members of its cluster can be found to form or join it',
  },
};

/** What keeps a member from its own files keeps it from its cluster. */
const DENIED = /permission denied|EACCES|read-only file system|no space left/i;

/** The volume that keeps its identity over restarts. */
function dataClaim({
  pod,
  container,
}: Evidence): { readonly claim: string; readonly path: string; readonly fact: Fact } | null {
  for (const { volume, path } of container.mounts) {
    const source = pod.volumes.find((one) => one.name === volume && one.kind === 'persistentVolumeClaim');
    if (source)
      return {
        claim: source.ref,
        path,
        fact: fieldFact(`spec.volumes[${volume}]`, `claim ${source.ref} at ${path}`, 'What it brings from earlier'),
      };
  }
  return null;
}

function membersFact({ siblings, workload }: Evidence): Fact | null {
  if (!siblings || siblings.length === 0) return null;
  const ready = siblings.filter((one) => one.ready).length;
  return fieldFact(
    `${workload.kind.toLowerCase()}/${workload.name}`,
    `${ready} of ${siblings.length} other members ready`,
    'The other members',
  );
}

function change(why: Why, claim: string | null): Step {
  if (why === 'bootstrap') {
    return {
      id: 'start-newest-member',
      operation: { kind: 'decide' },
      title: 'Start the cluster from the member with the newest data',
      text: 'Compare what the members hold (for Galera: `seqno` in `grastate.dat`), and only on the most advanced one allow the bootstrap. Starting from an older one loses what the others have.',
      done: seenByPerson('that member is ready and the others join it'),
    };
  }
  if (why === 'identity' && claim === null) {
    return {
      id: 'point-to-own-cluster',
      operation: { kind: 'decide' },
      title: 'Point it to the cluster that it belongs to',
      text: 'Compare the address of the cluster that it is given with the one it was in before.',
    };
  }
  if ((why === 'identity' || why === 'removed') && claim !== null) {
    return {
      id: 'join-with-empty-volume',
      operation: { kind: 'decide' },
      title: 'Let it join with an empty volume, or correct whom it joins',
      text: `Where the other members are whole and hold the data: remove the old member from their list, then delete claim ${claim} and this pod, and it joins anew. Where this volume is the only copy, correct the address or identity of the cluster instead: deleting the claim deletes the data.`,
      done: seenByPerson('the new pod is ready and the others list it'),
    };
  }
  return {
    id: 'bring-members-together',
    operation: { kind: 'decide' },
    title: why === 'config' ? 'Give all members the same list' : 'Bring enough members up at once',
    text:
      why === 'config'
        ? 'Names and addresses must be those of the pods, its own among them; a member that is added later joins an existing cluster instead of founding one.'
        : 'With podManagementPolicy OrderedReady the first waits for others that are started only after it: use Parallel, and a headless Service with publishNotReadyAddresses so that members find each other before they are ready.',
    done: seenByPerson('a majority of the members is ready'),
  };
}

/**
 * A member of a clustered system cannot join, or join again: quorum, bootstrap, identity.
 *
 * The system's own words tell which. The operator must change the cluster's membership or the member's stored identity; a mere
 * refused connection is `dependency-refused`, corrupt files are `data-corrupt`, another version's files `data-version`.
 */
export const clusterMembership = defineRule({
  id: 'cluster-membership',
  cause: 'cluster-membership',
  title: 'Member cannot join or rejoin its cluster',
  docs: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/',
  doc: {
    describe: '`Error` with exit 1 on one replica or all of a StatefulSet, after nodes or volumes were replaced.',
    logs: '`safe_to_bootstrap`, `InconsistentClusterIdException`, `has already been bootstrapped`, `master not discovered`.',
    steps: [
      "See how many members are well, and ask one of them for the cluster's state.",
      'Where its volume belongs to another cluster or to a removed member: remove the member and let it join empty.',
      'Where all were down: start from the member with the newest data.',
    ],
    prevention:
      'Use a PodDisruptionBudget that keeps the majority, headless Services that publish unready members, and never reuse volumes between clusters.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || DENIED.test(match.statement.line) || evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { why, isProof } = match.meaning;
    const loose = logConfidence(evidence, match);
    const isMember = evidence.workload.kind === 'StatefulSet';
    let confidence: Confidence = loose;
    // That others are not there yet is said in passing by every member that starts first.
    const isPassing = why === 'peers' && !isProof && match.score < 66 && match.statement.level !== null;
    if ((!isProof && !isMember && match.position > 3) || isPassing) confidence = 'possible';
    const { what, reason } = WORDS[why];
    const data = dataClaim(evidence);
    const members = membersFact(evidence);
    const exit = exitFact(evidence);
    return {
      confidence,
      what,
      sentence: headline(
        evidence,
        confidence,
        `${reason}: ${shorten(match.statement.message.replace(/[.\s]{1,4}$/, ''), 110)}`,
      ),
      facts: [
        logFact(match.log, match.no, 'What it says of its cluster'),
        ...(members ? [members] : []),
        ...(data ? [data.fact] : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        step(
          'see-members',
          'See how the other members are',
          'A majority must be ready before anything about one member is changed.',
          kubectl(evidence, 'get', workloadRef(evidence), '-o', 'wide'),
        ),
        change(why, data?.claim ?? null),
      ],
    };
  },
});
