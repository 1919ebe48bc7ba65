import { respond } from '@/app/api/respond';
import { operatorContext } from '@/server/read/context';
import { metricsText } from '@/server/read/metrics-text';

export const dynamic = 'force-dynamic';

export function GET(): Promise<Response> {
  return respond(
    () =>
      new Response(metricsText(operatorContext()), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
      }),
  );
}
