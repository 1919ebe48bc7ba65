import { json, respond } from '@/app/api/respond';
import { getCause } from '@/server/read/list-causes';

export const dynamic = 'force-dynamic';

export function GET(_request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return respond(async (asked) => json(getCause(asked, await context.params)));
}
