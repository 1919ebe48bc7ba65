import { json, namespacesOf, respond } from '@/app/api/respond';
import { matchesFilter, parseFilter } from '@/lib/url/loop-filter';
import { listLoops } from '@/server/read/list-loops';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async (asked) => {
    const { cluster } = await context.params;
    const page = listLoops(asked, { cluster, namespaces: namespacesOf(request) });
    const terms = parseFilter(new URL(request.url).searchParams.get('q') ?? '');
    return json({ ...page, loops: page.loops.filter((loop) => matchesFilter(loop, terms)) });
  });
}
