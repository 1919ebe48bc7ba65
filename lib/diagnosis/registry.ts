import type { Rule } from './rule';
import { unknown } from './rules/unknown/rule';

/** Every rule, in the order of their ids. `npm run new-rule <id>` adds a line. */
export const RULES: readonly Rule[] = [unknown];
