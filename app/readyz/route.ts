import { respond } from '@/app/api/respond';
import { operatorContext } from '@/server/read/context';
import { readiness } from '@/server/read/readiness';

export const dynamic = 'force-dynamic';

export function GET(): Promise<Response> {
  return respond(async () => {
    const { ready, text } = await readiness(operatorContext());
    return new Response(text, {
      status: ready ? 200 : 503,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  });
}
