import { json, namespacesOf, respond } from '@/app/api/respond';
import { listPods } from '@/server/read/list-pods';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async (asked) => {
    const { cluster } = await context.params;
    return json({ cluster, pods: listPods(asked, { cluster, namespaces: namespacesOf(request) }) });
  });
}
