import { json, respond } from '@/app/api/respond';
import { getDiagnosis } from '@/server/read/get-diagnosis';

export const dynamic = 'force-dynamic';

interface Context {
  params: Promise<{ cluster: string; plural: string; ns: string; name: string }>;
}

export function GET(_request: Request, context: Context): Promise<Response> {
  return respond(async () => {
    const { cluster, plural, ns, name } = await context.params;
    return json(await getDiagnosis(cluster, plural, ns, name));
  });
}
