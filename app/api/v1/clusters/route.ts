import { json, respond } from '@/app/api/respond';
import { listClusters } from '@/server/read/list-clusters';

export const dynamic = 'force-dynamic';

export function GET(): Promise<Response> {
  return respond((asked) => json({ clusters: listClusters(asked) }));
}
