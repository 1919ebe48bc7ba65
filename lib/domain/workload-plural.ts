import { PLURALS, type Workload } from './loop';

const KINDS: ReadonlyMap<string, string> = new Map([...PLURALS].map(([kind, plural]) => [plural, kind]));

/** Whether a workload is the one that a URL names; custom kinds compare by their lower-cased kind. */
export function isWorkloadAt(workload: Workload, plural: string, namespace: string, name: string): boolean {
  if (workload.namespace !== namespace || workload.name !== name) return false;
  const kind = KINDS.get(plural);
  return kind ? workload.kind === kind : workload.kind.toLowerCase() === plural;
}

/** The kind that a URL segment means; a custom plural stands for itself. */
export function kindOfPlural(plural: string): string {
  return KINDS.get(plural) ?? plural;
}
