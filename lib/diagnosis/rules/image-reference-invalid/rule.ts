import { containerPatch, rollbackStep } from '@/lib/diagnosis/commands';
import { fieldFact, specPath } from '@/lib/diagnosis/facts';
import { defineRule } from '@/lib/diagnosis/rule';
import { findPullFailure } from '@/lib/diagnosis/texts/image-pull';
import { headline, shorten } from '@/lib/diagnosis/wording';

function fault(image: string): string {
  if (image.trim() === '' || image.startsWith(':')) return 'has no name';
  if (/\{\{|\}\}|\$\{|\$\(|<[^>]{0,100}>/.test(image)) return 'still holds a placeholder that was never filled in';
  if (/\s/.test(image)) return 'holds a blank';
  if (/^[a-z]{1,10}:\/\//i.test(image)) return 'starts with a URL scheme';
  if (/[:@/]$/.test(image)) return 'ends where a tag should stand';
  if (/[A-Z]/.test(image.split(/[:@]/)[0]?.split('/').slice(1).join('/') ?? '') || /^[A-Z]/.test(image))
    return 'holds capitals, which a repository name may not';
  return 'breaks the grammar of image names';
}

/**
 * The image cannot even be asked for: its name is malformed, or pull policy `Never` forbids to fetch what the node lacks.
 *
 * Both are the kubelet's own words (`InvalidImageName`, `ErrImageNeverPull`), before any registry was asked.
 */
export const imageReferenceInvalid = defineRule({
  id: 'image-reference-invalid',
  cause: 'image-reference-invalid',
  title: 'Invalid image reference or pull policy Never',
  docs: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  doc: {
    describe: '`InvalidImageName`, or `ErrImageNeverPull` with `is not present with pull policy of Never`.',
    logs: 'None: it never ran.',
    steps: ['Look at the image as the pod spec has it, after templating.', 'Correct the name, or the pull policy.'],
    prevention:
      'Render the manifests in CI and validate them against the API server (`kubectl apply --dry-run=server`).',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const failure = findPullFailure(evidence);
    if (failure?.kind !== 'invalid-name' && failure?.kind !== 'never-pull') return null;
    const { image, imagePullPolicy } = evidence.container;
    const imageFact = fieldFact(specPath(evidence.container, 'image'), image, 'The image asked for');
    if (failure.kind === 'never-pull') {
      return {
        confidence: 'certain',
        what: 'pull policy Never, and the image is not on the node',
        sentence: headline(
          evidence,
          'certain',
          `${shorten(image, 100)} is not on the node and pull policy Never forbids to fetch it`,
          'does not start',
        ),
        facts: [
          failure.fact,
          fieldFact(specPath(evidence.container, 'imagePullPolicy'), imagePullPolicy, 'Its pull policy'),
          imageFact,
        ],
        steps: [
          containerPatch(
            evidence,
            { imagePullPolicy: 'IfNotPresent' },
            {
              id: 'allow-pull',
              title: 'Let the node fetch it',
              text: 'IfNotPresent fetches only what the node lacks. Keep Never only where every node is loaded by hand.',
              done: { kind: 'container-starts' },
            },
          ),
          ...rollbackStep(evidence, 'The revision before could be started.'),
        ],
      };
    }
    return {
      confidence: 'certain',
      what: `image name ${fault(image)}`,
      sentence: headline(
        evidence,
        'certain',
        `its image name "${shorten(image, 100)}" ${fault(image)}`,
        'does not start',
      ),
      facts: [failure.fact, imageFact],
      steps: [
        containerPatch(
          evidence,
          { image: 'IMAGE' },
          {
            id: 'set-image',
            title: 'Set a valid image',
            text: 'Put the image that was meant in place of IMAGE.',
            done: { kind: 'container-starts' },
          },
          ['IMAGE'],
        ),
        ...rollbackStep(evidence, 'The revision before had a valid name.'),
      ],
    };
  },
});
