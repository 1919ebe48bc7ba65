import { namespacesOf, respond } from '@/app/api/respond';
import { CLIENT_HEADER } from '@/server/edge/client';
import { openStream } from '@/server/stream/open-stream';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async () => {
    const { cluster } = await context.params;
    return openStream(cluster, namespacesOf(request), request.headers.get(CLIENT_HEADER) ?? '', request.signal);
  });
}
