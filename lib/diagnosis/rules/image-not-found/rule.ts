import { command, containerPatch, rollbackStep, step } from '@/lib/diagnosis/commands';
import { fieldFact, specPath } from '@/lib/diagnosis/facts';
import { parseImage } from '@/lib/diagnosis/image-reference';
import { defineRule } from '@/lib/diagnosis/rule';
import { findPullFailure } from '@/lib/diagnosis/texts/image-pull';
import type { Confidence } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** Docker Hub answers a missing official image with the same text as a private one; official ones are never private. */
function isOfficial(image: string): boolean {
  const reference = parseImage(image);
  return reference?.registry === 'docker.io' && reference.repository.startsWith('library/');
}

/**
 * The registry has no such tag or repository.
 *
 * A registry may answer "not found" for a private repository too, and "access denied" for one that does not exist: what
 * names credentials belongs to `image-pull-denied`. Where only the back-off is known, this is the most common reason, no more.
 */
export const imageNotFound = defineRule({
  id: 'image-not-found',
  cause: 'image-not-found',
  title: 'Image or tag does not exist',
  docs: 'https://kubernetes.io/docs/concepts/containers/images/',
  doc: {
    describe: '`ErrImagePull` and `ImagePullBackOff`; the event says `not found` or `manifest unknown`.',
    logs: 'None: it never ran.',
    steps: [
      'Compare name and tag with what the registry holds.',
      'Push the missing tag, or set one that exists.',
      'Where the tag was there before, roll back.',
    ],
    prevention:
      'Deploy tags that the build has just pushed, or digests, and keep the tags that are in use from being cleaned away.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const failure = findPullFailure(evidence);
    if (!failure) return null;
    const { image } = evidence.container;
    const isHidden = failure.kind === 'denied' && isOfficial(image) && evidence.pod.imagePullSecrets.length === 0;
    if (failure.kind !== 'not-found' && failure.kind !== 'unsaid' && !isHidden) return null;
    const confidence: Confidence = failure.kind === 'not-found' ? 'certain' : isHidden ? 'likely' : 'possible';
    const reference = parseImage(image);
    const missing = reference?.tag ? `${reference.repository}:${reference.tag}` : image;
    return {
      confidence,
      what: `image ${shorten(missing, 50)} ${confidence === 'certain' ? 'does not exist' : 'cannot be pulled'}`,
      sentence: headline(
        evidence,
        confidence,
        `${reference?.registry ?? 'the registry'} has no image ${shorten(missing, 100)}`,
        'does not start',
      ),
      facts: [failure.fact, fieldFact(specPath(evidence.container, 'image'), image, 'The image asked for')],
      steps: [
        step(
          'ask-registry',
          'Ask the registry for it from your machine',
          'It answers at once whether the tag is there for you.',
          command('docker', 'manifest', 'inspect', image),
        ),
        containerPatch(
          evidence,
          { image: `${image.replace(/(?::[^:/@]{1,128})?(?:@.{1,200})?$/, '')}:TAG` },
          {
            id: 'set-image',
            title: 'Set an image that exists',
            text: 'Put the tag that was meant in place of TAG.',
            done: { kind: 'image-pulled' },
          },
          ['TAG'],
        ),
        ...rollbackStep(evidence, 'The revision before ran from an image that was there.'),
      ],
    };
  },
});
