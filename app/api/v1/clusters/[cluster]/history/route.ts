import { z } from 'zod';
import { json, namespacesOf, respond } from '@/app/api/respond';
import { PERIODS, periodMs } from '@/lib/url/history';
import { listHistory } from '@/server/read/list-history';

export const dynamic = 'force-dynamic';

const QuerySchema = z.object({
  q: z.string().max(8000).default(''),
  period: z.enum(PERIODS).default('7d'),
  before: z.iso
    .datetime()
    .transform((text) => Date.parse(text))
    .optional(),
});

export function GET(request: Request, context: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return respond(async (asked) => {
    const { cluster } = await context.params;
    const { q, period, before } = QuerySchema.parse(Object.fromEntries(new URL(request.url).searchParams));
    const query = { cluster, namespaces: namespacesOf(request), filter: q, periodMs: periodMs(period) };
    return json(await listHistory(asked, before === undefined ? query : { ...query, before }));
  });
}
