import { json, respond } from '@/app/api/respond';
import { listCauses } from '@/server/read/list-causes';

export const dynamic = 'force-dynamic';

export function GET(): Promise<Response> {
  return respond((asked) => json(listCauses(asked)));
}
