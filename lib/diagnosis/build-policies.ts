import type { EgressPolicyEvidence } from './evidence';
import type { KubeObject } from './evidence-source';
import { numberAt, objectAt, objectsAt, textAt, textMapAt, textsAt } from './read-object';

/** A label selector of the API: an empty one selects everything. */
function selects(selector: KubeObject | null, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(textMapAt(selector, 'matchLabels'));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    objectsAt(selector, 'matchExpressions').every((one) => {
      const value = labels[textAt(one, 'key')];
      const values = textsAt(one, 'values');
      switch (textAt(one, 'operator')) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

function buildPort(raw: KubeObject): EgressPolicyEvidence['rules'][number]['ports'][number] {
  const from = numberAt(raw, 'port');
  return {
    protocol: textAt(raw, 'protocol') || 'TCP',
    from,
    to: numberAt(raw, 'endPort') ?? from,
  };
}

/**
 * The NetworkPolicies of a pod's namespace that select the pod and restrict what it may open. Without `policyTypes` a policy
 * is about egress where it has egress rules (staging/src/k8s.io/api/networking/v1/types.go, NetworkPolicySpec).
 */
export function buildEgressPolicies(policies: readonly KubeObject[], pod: KubeObject): EgressPolicyEvidence[] {
  const labels = textMapAt(pod, 'metadata', 'labels');
  return policies
    .filter((one) => {
      const types = textsAt(one, 'spec', 'policyTypes');
      const isEgress = types.length > 0 ? types.includes('Egress') : objectsAt(one, 'spec', 'egress').length > 0;
      return (
        isEgress &&
        textAt(one, 'metadata', 'namespace') === textAt(pod, 'metadata', 'namespace') &&
        selects(objectAt(one, 'spec', 'podSelector'), labels)
      );
    })
    .map((one) => ({
      name: textAt(one, 'metadata', 'name'),
      rules: objectsAt(one, 'spec', 'egress').map((rule) => ({ ports: objectsAt(rule, 'ports').map(buildPort) })),
    }));
}
