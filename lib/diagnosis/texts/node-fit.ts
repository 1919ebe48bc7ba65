import type { Evidence, PodEvidence } from '@/lib/diagnosis/evidence';

type Expression = PodEvidence['nodeAffinity'][number][number];

function holds({ key, operator, values }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const label = labels[key];
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return label !== undefined && Number(label) > Number(values[0]);
    case 'Lt':
      return label !== undefined && Number(label) < Number(values[0]);
    default:
      return false;
  }
}

/**
 * Tells whether the pod's node carries the labels that nodeSelector and required affinity ask for, or null where node or
 * wishes are not known. A kubelet that turns away a pod that fits admitted before it knew its own labels.
 */
export function nodeFits({ pod, node }: Evidence): boolean | null {
  const selector = Object.entries(pod.nodeSelector);
  if (!node || (selector.length === 0 && pod.nodeAffinity.length === 0)) return null;
  const isSelected = selector.every(([key, value]) => node.labels[key] === value);
  const hasTerm =
    pod.nodeAffinity.length === 0 || pod.nodeAffinity.some((term) => term.every((one) => holds(one, node.labels)));
  return isSelected && hasTerm;
}
