import 'server-only';
import { LOCAL_VIEWER, type Viewer } from '@/lib/domain/viewer';

/** In which a viewer asks: the first argument of every read verb and of the stream. */
export interface ReadContext {
  readonly viewer: Viewer;
}

/**
 * The context of a request, for pages and routes alike: the one place that says who asks. Whoever reaches Unloop is the local viewer,
 * who sees all that Unloop's own account sees.
 */
export function readContext(): ReadContext {
  return { viewer: LOCAL_VIEWER };
}

/**
 * In which whoever runs Unloop asks, or their monitoring (`/metrics`, `/readyz`), and no viewer: for the health of Unloop itself. The
 * answers hold states and counts of whole clusters, and name no workload.
 */
export interface OperatorContext {
  readonly asker: 'operator';
}

/** The context of `/metrics` and `/readyz`. */
export function operatorContext(): OperatorContext {
  return { asker: 'operator' };
}
