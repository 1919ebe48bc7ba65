import { respond } from '@/app/api/respond';
import { UnloopError } from '@/lib/domain/unloop-error';

export const dynamic = 'force-dynamic';

/** What no other route answers: a script gets the error body of the API, not a page. */
export async function GET(_request: Request, context: { params: Promise<{ path?: string[] }> }): Promise<Response> {
  const { path = [] } = await context.params;
  return respond(() => {
    throw new UnloopError(
      'not-found',
      `the API has no address /${['api', ...path].join('/')}`.slice(0, 300),
      'See the API section of the README for the addresses.',
    );
  });
}
