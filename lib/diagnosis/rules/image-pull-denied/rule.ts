import { kubectl, specPatch, step } from '@/lib/diagnosis/commands';
import { eventFact, fieldFact } from '@/lib/diagnosis/facts';
import { parseImage } from '@/lib/diagnosis/image-reference';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { findPullFailure } from '@/lib/diagnosis/texts/image-pull';
import { headline } from '@/lib/diagnosis/wording';

/** Texts that only a registry with wrong or absent credentials gives, not one that hides whether the image exists. */
const ONLY_CREDENTIALS =
  /no basic auth credentials|incorrect username or password|authentication required|token (?:has )?expired|invalid (?:username|credentials|token)|failed to fetch (?:anonymous|oauth) token.{0,300}(?:401|403)/i;

/**
 * The registry demands credentials, or other ones.
 *
 * Some registries answer the same for an image that does not exist, so `certain` needs a text that speaks of the login itself,
 * or pull secrets that are known to be missing.
 */
export const imagePullDenied = defineRule({
  id: 'image-pull-denied',
  cause: 'image-pull-denied',
  title: 'Registry demands other credentials',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/',
  doc: {
    describe: '`ErrImagePull` with `unauthorized`, `pull access denied` or `no basic auth credentials`.',
    logs: 'None: it never ran.',
    steps: [
      'See which pull secrets the pod and its service account name, and whether they exist in this namespace.',
      'Make the secret from a login that works, and name it in `imagePullSecrets`.',
      'Check the name of the image too: some registries answer the same for one that does not exist.',
    ],
    prevention:
      'Attach the pull secret to the service account, and renew short-lived registry tokens by a job or a credential provider.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const failure = findPullFailure(evidence);
    if (failure?.kind !== 'denied') return null;
    const { image } = evidence.container;
    const secrets = evidence.pod.imagePullSecrets;
    const lost = podEvents(evidence, 'FailedToRetrieveImagePullSecret').at(-1);
    const reference = parseImage(image);
    const isOfficial = reference?.registry === 'docker.io' && reference.repository.startsWith('library/');
    if (isOfficial && secrets.length === 0) return null;
    const registry = reference?.registry ?? 'the registry';
    const isCertain = ONLY_CREDENTIALS.test(failure.text) || lost !== undefined;
    const confidence = isCertain ? 'certain' : 'likely';
    const how = lost
      ? 'its pull secret is missing'
      : secrets.length === 0
        ? 'the pod names no pull secret'
        : `pull secret ${secrets.join(', ')} does not suffice`;
    const name = secrets[0] ?? 'registry-login';
    return {
      confidence,
      what: `${registry} denies the pull, ${lost ? 'pull secret missing' : secrets.length === 0 ? 'no pull secret' : 'wrong pull secret'}`,
      sentence: headline(evidence, confidence, `${registry} denies the pull of ${image} and ${how}`, 'does not start'),
      facts: [
        failure.fact,
        ...(lost ? [eventFact(lost, 'A pull secret is not there')] : []),
        fieldFact('spec.imagePullSecrets', secrets.join(', ') || '(none)', 'The pull secrets of the pod'),
      ],
      steps: [
        step(
          'see-pull-secret',
          'See whether the pull secret exists and is of the right type',
          'It must be in the same namespace and of type kubernetes.io/dockerconfigjson.',
          kubectl(evidence, 'get', 'secret', name, '-o', 'custom-columns=NAME:.metadata.name,TYPE:.type'),
        ),
        step(
          'make-pull-secret',
          'Make the pull secret',
          'Put a login in place of USER and PASSWORD that may pull this image.',
          { kind: 'create', object: { kind: 'PullSecret', namespace: evidence.workload.namespace, name, registry } },
          { kind: 'image-pulled' },
        ),
        ...(secrets.length === 0
          ? [
              specPatch(
                evidence,
                { imagePullSecrets: [{ name }] },
                {
                  id: 'name-pull-secret',
                  title: 'Name it in the pod',
                  text: 'The kubelet logs in only with secrets that pod or service account name.',
                  done: { kind: 'image-pulled' },
                },
              ),
            ]
          : []),
      ],
    };
  },
});
