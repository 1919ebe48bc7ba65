import { formatDuration } from '@/lib/format/duration';

/** One thing that Unloop, or only a person, can see. It is about the diagnosed container and pods made after its last failure. */
export type SingleCondition =
  /** A run lasts longer than `ms`: past the longest run before, and past the reset of the back-off. */
  | { readonly kind: 'run-outlives'; readonly ms: number }
  | { readonly kind: 'container-starts' }
  /** Ready for longer than `ms` on end. */
  | { readonly kind: 'container-ready'; readonly ms: number }
  | { readonly kind: 'starts-without-restart' }
  | { readonly kind: 'init-ends'; readonly container: string }
  | { readonly kind: 'pod-completes' }
  | { readonly kind: 'image-pulled' }
  /** A pod has a node; another one than `notOn` where that is named. */
  | { readonly kind: 'pod-scheduled'; readonly notOn: string | null }
  | { readonly kind: 'no-pods' }
  /** An object exists; where `key` is not null, with this key. */
  | {
      readonly kind: 'object-exists';
      readonly object: 'ConfigMap' | 'Secret';
      readonly name: string;
      readonly key: string | null;
    }
  | { readonly kind: 'endpoints-ready'; readonly namespace: string; readonly service: string }
  /** A limit of the container is at least `quantity`, e.g. memory `1Gi`. */
  | { readonly kind: 'limit-at-least'; readonly resource: string; readonly quantity: string }
  | { readonly kind: 'node-condition'; readonly node: string; readonly condition: string; readonly status: string }
  /** What no object of the cluster shows: a clause for a person to check. */
  | { readonly kind: 'seen-by-person'; readonly text: string };

/** When a step counts as done: one condition, or several that hold together. */
export type DoneCondition =
  | SingleCondition
  | { readonly kind: 'all'; readonly of: readonly [SingleCondition, ...SingleCondition[]] };

/** The words of a condition, to follow "Done when": a clause without a full stop. */
export function conditionWords(condition: DoneCondition): string {
  if (condition.kind !== 'all') return singleWords(condition);
  const clauses = condition.of.map(singleWords);
  const last = clauses.at(-1) ?? '';
  return clauses.length === 1 ? last : `${clauses.slice(0, -1).join(', ')} and ${last}`;
}

function singleWords(condition: SingleCondition): string {
  switch (condition.kind) {
    case 'run-outlives':
      return `a run lasts longer than ${formatDuration(condition.ms)}`;
    case 'container-starts':
      return 'the container starts';
    case 'container-ready':
      return `the container is ready for longer than ${formatDuration(condition.ms)}`;
    case 'starts-without-restart':
      return 'a new pod starts without a restart';
    case 'init-ends':
      return `init container ${condition.container} ends with 0`;
    case 'pod-completes':
      return 'the pod is Completed';
    case 'image-pulled':
      return 'the image is pulled and a container is created';
    case 'pod-scheduled':
      return condition.notOn === null
        ? 'the pod is assigned to a node'
        : `the pod runs on another node than ${condition.notOn}`;
    case 'no-pods':
      return 'no pod of it is left';
    case 'object-exists':
      return `${condition.object} ${condition.name} ${condition.key === null ? 'exists' : `has the key ${condition.key}`}`;
    case 'endpoints-ready':
      return `Service ${condition.service} has a ready endpoint`;
    case 'limit-at-least':
      return `its ${condition.resource} limit is at least ${condition.quantity}`;
    case 'node-condition':
      return `the condition ${condition.condition} of node ${condition.node} is ${condition.status}`;
    case 'seen-by-person':
      return condition.text;
  }
}
