import type { CauseId } from '@/lib/domain/causes';
import { RULES } from './registry';
import type { RuleDoc } from './rule';

/** What one rule says of its cause: its own documentation, and where to read on. */
export interface CauseDoc extends RuleDoc {
  readonly ruleId: string;
  readonly title: string;
  /** A page of the Kubernetes documentation. */
  readonly url: string;
}

/** The documentation of every rule that names this cause, in the order of the rules' ids; empty where none does. */
export function docsOfCause(cause: CauseId): readonly CauseDoc[] {
  return RULES.filter((rule) => rule.cause === cause).map(({ id, title, docs, doc }) => ({
    ...doc,
    ruleId: id,
    title,
    url: docs,
  }));
}
