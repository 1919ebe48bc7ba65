import { respond } from '@/app/api/respond';
import { getRunLog } from '@/server/read/get-log';

export const dynamic = 'force-dynamic';

interface Context {
  params: Promise<{ cluster: string; ns: string; pod: string; container: string }>;
}

export function GET(request: Request, context: Context): Promise<Response> {
  return respond(async (asked) => {
    const { cluster, ns, pod, container } = await context.params;
    const run = new URL(request.url).searchParams.get('run') ?? 'previous';
    const log = await getRunLog(asked, { cluster, namespace: ns, pod, container, run });
    return new Response(log.text, {
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-unloop-skipped-lines': String(log.skippedLines),
        'x-unloop-gap-before': String(log.gapBefore ?? ''),
        'x-unloop-stamped': log.stamped ? '1' : '0',
      },
    });
  });
}
