import type { Scenario } from '@/server/demo/workload';

/** Everything that happens in the demo cluster. */
export const DEMO_SCENARIOS: readonly Scenario[] = [];
