import type { EgressPolicyEvidence, Evidence } from '@/lib/diagnosis/evidence';
import { fieldFact } from '@/lib/diagnosis/facts';
import type { Fact } from '@/lib/diagnosis/verdict';
import { shorten } from '@/lib/diagnosis/wording';

/** The policies that together let nothing out to a port. */
export interface EgressBar {
  /** In words: `NetworkPolicy default-deny`. */
  readonly who: string;
  readonly fact: Fact;
}

function lets({ rules }: EgressPolicyEvidence, port: number): boolean {
  return rules.some(
    ({ ports }) =>
      ports.length === 0 ||
      // A named port is one of the pods on the other side: which number it is cannot be told here.
      ports.some(({ from, to }) => from === null || (port >= from && port <= (to ?? from))),
  );
}

/**
 * Tells which NetworkPolicies keep the pod from a port, whatever stands behind it, or gives null where none is known to. Policies add
 * up: one that lets a connection through is enough. Whether the network plug-in enforces them is not known.
 */
export function egressBar(evidence: Evidence, port: number): EgressBar | null {
  const policies = evidence.policies ?? [];
  const [first] = policies;
  if (!first || policies.some((one) => lets(one, port))) return null;
  const names = policies.map((one) => one.name).join(', ');
  const open = policies.flatMap(({ rules }) => rules.flatMap(({ ports }) => ports.map((one) => inWords(one))));
  const value = open.length === 0 ? 'nothing may leave the pod' : `only ${shorten([...new Set(open)].join(', '), 160)}`;
  return {
    who: `NetworkPolicy ${shorten(names, 80)}`,
    fact: fieldFact(`networkpolicy/${shorten(names, 160)}`, value, `What may leave the pod; port ${port} may not`),
  };
}

function inWords({ protocol, from, to }: EgressPolicyEvidence['rules'][number]['ports'][number]): string {
  if (from === null) return `any ${protocol} port`;
  return from === to ? `${protocol} ${from}` : `${protocol} ${from} to ${to}`;
}
