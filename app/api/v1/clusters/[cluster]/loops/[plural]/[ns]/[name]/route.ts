import { z } from 'zod';
import { json, respond } from '@/app/api/respond';
import { getDiagnosis } from '@/server/read/get-diagnosis';

export const dynamic = 'force-dynamic';

interface Context {
  params: Promise<{ cluster: string; plural: string; ns: string; name: string }>;
}

const QuerySchema = z.object({
  at: z.iso
    .datetime()
    .transform((text) => Date.parse(text))
    .nullable(),
});

export function GET(request: Request, context: Context): Promise<Response> {
  return respond(async (asked) => {
    const { cluster, plural, ns, name } = await context.params;
    const { at } = QuerySchema.parse({ at: new URL(request.url).searchParams.get('at') });
    return json(await getDiagnosis(asked, { cluster, plural, namespace: ns, name, endedAt: at }));
  });
}
