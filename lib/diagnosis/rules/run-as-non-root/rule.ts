import { command, containerPatch, step } from '@/lib/diagnosis/commands';
import { fieldFact, specPath } from '@/lib/diagnosis/facts';
import { defineRule } from '@/lib/diagnosis/rule';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import { headline } from '@/lib/diagnosis/wording';

const TEXTS =
  /container has runAsNonRoot and image (?:will run as root|has non-numeric user \(([^)]{0,100})\))|container's runAsUser breaks non-root policy|runAsNonRoot/;
const FREE_USER = 10001;

/**
 * The pod demands a user that is not root, and the kubelet finds root or cannot tell.
 *
 * The kubelet's own words in `CreateContainerConfigError`. An image whose user is a name (`USER app`) fails too: the kubelet
 * reads numbers only (kubelet `kuberuntime/security_context_others.go`).
 */
export const runAsNonRoot = defineRule({
  id: 'run-as-non-root',
  cause: 'run-as-non-root',
  title: 'runAsNonRoot check fails',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  doc: {
    describe:
      '`CreateContainerConfigError` with `container has runAsNonRoot and image will run as root` or `has non-numeric user`.',
    logs: 'None: it never ran.',
    steps: ['Find the numeric user of the image.', 'Set `runAsUser` to it, or give the image a numeric `USER`.'],
    prevention: 'End Dockerfiles with a numeric `USER`, and run the image in CI under the policy of the cluster.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const found = matchStartError(evidence, TEXTS);
    if (!found) return null;
    const { container } = evidence;
    const named = found.match[1];
    const isOwnUser = found.error.text.includes('breaks non-root policy') || container.security.runAsUser === 0;
    const reason = isOwnUser
      ? 'runAsNonRoot is set and so is runAsUser: 0'
      : named !== undefined
        ? `runAsNonRoot is set and the image's user is a name (${named}), which the kubelet cannot check`
        : 'runAsNonRoot is set and the image runs as root';
    return {
      confidence: 'certain',
      what:
        named !== undefined && !isOwnUser
          ? `runAsNonRoot, and the image's user is a name (${named})`
          : 'runAsNonRoot, and it would run as root',
      sentence: headline(evidence, 'certain', reason, 'does not start'),
      facts: [
        found.error.fact,
        fieldFact(
          specPath(container, 'securityContext.runAsNonRoot'),
          String(container.security.runAsNonRoot ?? true),
          'What the pod demands',
        ),
        fieldFact(
          specPath(container, 'securityContext.runAsUser'),
          String(container.security.runAsUser ?? '(not set)'),
          'The user it sets',
        ),
      ],
      steps: [
        step(
          'find-image-user',
          'Find the user of the image',
          'Prints its number, where the image has a shell tool for it.',
          command(
            'docker',
            'run',
            '--rm',
            '--entrypoint',
            'id',
            container.image,
            ...(named === undefined ? [] : [named]),
          ),
        ),
        containerPatch(
          evidence,
          { securityContext: { runAsUser: FREE_USER, runAsNonRoot: true } },
          {
            id: 'set-numeric-user',
            title: `Run it as a numeric user`,
            text: `${FREE_USER} stands for any user but 0: take the one of the image, which owns its files.`,
            done: { kind: 'container-starts' },
          },
        ),
      ],
    };
  },
});
