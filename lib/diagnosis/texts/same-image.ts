import type { Evidence } from '@/lib/diagnosis/evidence';

/**
 * Tells whether the same image runs well on another node: a ready replica of the same revision, or with the same digest. Then
 * the image is not what is broken here.
 */
export function runsElsewhere({ siblings, pod, status }: Evidence): boolean {
  return (siblings ?? []).some(
    (one) =>
      one.ready &&
      one.podName !== pod.name &&
      one.nodeName !== '' &&
      one.nodeName !== pod.nodeName &&
      one.imageId !== '' &&
      one.imageId === status.imageId,
  );
}
