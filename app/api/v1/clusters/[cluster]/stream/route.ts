import { namespacesOf, respond } from '@/app/api/respond';
import { openStream } from '@/server/stream/open-stream';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async (asked) => {
    const { cluster } = await context.params;
    return openStream(asked, { cluster, namespaces: namespacesOf(request) }, request);
  });
}
