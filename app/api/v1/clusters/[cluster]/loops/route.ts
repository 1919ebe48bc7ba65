import { json, namespacesOf, respond } from '@/app/api/respond';
import { filterLoops } from '@/lib/url/loop-filter';
import { listLoops } from '@/server/read/list-loops';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async () => {
    const { cluster } = await context.params;
    const page = listLoops(cluster, { namespaces: namespacesOf(request) });
    const query = new URL(request.url).searchParams.get('q') ?? '';
    return json({ ...page, loops: filterLoops(page.loops, query) });
  });
}
