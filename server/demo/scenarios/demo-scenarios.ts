import type { Scenario } from '@/server/demo/workload';
import { CART_AND_PRICING } from './cart-and-pricing';
import { CHECKOUT } from './checkout';
import { DATA } from './data';
import { EDGE } from './edge';
import { HEALTHY } from './healthy';
import { MEDIA } from './media';
import { ML } from './ml';
import { OBSERVABILITY } from './observability';
import { OUTBOX } from './outbox';
import { PAYMENTS } from './payments';
import { RABBITMQ_OUTAGE } from './rabbitmq-outage';
import { SEARCH } from './search';
import { SHOP_ROLLOUTS } from './shop-rollouts';

/** Everything that happens in the demo cluster. */
export const DEMO_SCENARIOS: readonly Scenario[] = [
  HEALTHY,
  CHECKOUT,
  SHOP_ROLLOUTS,
  CART_AND_PRICING,
  RABBITMQ_OUTAGE,
  PAYMENTS,
  MEDIA,
  DATA,
  ML,
  EDGE,
  OBSERVABILITY,
  SEARCH,
  OUTBOX,
];
