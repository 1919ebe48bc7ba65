'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { type ReactElement, useSyncExternalStore } from 'react';
import { CopyButton } from '@/components/ui/copy-button';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { Loop, LoopsPage } from '@/lib/contract/loop';
import { pluralOf } from '@/lib/domain/loop';
import { orderLoops } from '@/lib/domain/order-loops';
import { loopQueries } from '@/lib/query/loop-queries';
import { serializeBoard } from '@/lib/url/board';
import { diagnosisPath, diagnosisSearch } from '@/lib/url/diagnosis';
import { serializeHistory } from '@/lib/url/history';
import { Sign } from './sign';

/** Where this is: board (or the history, for an earlier loop), namespace, kind, workload; the loops beside it; the link to send. */
export function Crumbs({
  diagnosis,
  loopId,
}: {
  readonly diagnosis: Diagnosis;
  readonly loopId: string | null;
}): ReactElement {
  const { cluster, past, workload } = diagnosis;
  const board = `/c/${encodeURIComponent(cluster)}`;
  const history = `${board}/history`;
  const inNamespace = { ns: [workload.namespace] };
  return (
    <div className="crumbs">
      <nav aria-label="Breadcrumb">
        <ol>
          <li className="home">{past ? <Link href={history}>History</Link> : <Link href={board}>Board</Link>}</li>
          <li>
            <Link href={past ? serializeHistory(history, inNamespace) : serializeBoard(board, inNamespace)}>
              {workload.namespace}
            </Link>
          </li>
          <li className="kind">{workload.kind}</li>
          <li aria-current="page">
            <b title={workload.name}>{workload.name}</b>
          </li>
        </ol>
      </nav>
      <span className="end">
        {loopId === null ? null : <LoopPager cluster={cluster} loopId={loopId} />}
        <CopyButton className="button" text={() => window.location.href}>
          Copy link
        </CopyButton>
      </span>
    </div>
  );
}

/** Previous and next loop in the order of the board, where this tab knows the board. */
function LoopPager({ cluster, loopId }: { readonly cluster: string; readonly loopId: string }): ReactElement | null {
  const loops = useKnownLoops(cluster);
  const index = loops.findIndex((loop) => loop.id === loopId);
  if (index === -1 || loops.length < 2) return null;
  return (
    <span className="pager">
      <PagerLink cluster={cluster} loop={loops[index - 1]} name="left" label="Previous loop" />
      <span className="muted label nowrap">
        {index + 1} of {loops.length}
      </span>
      <PagerLink cluster={cluster} loop={loops[index + 1]} name="right" label="Next loop" />
    </span>
  );
}

function PagerLink({
  cluster,
  loop,
  name,
  label,
}: {
  readonly cluster: string;
  readonly loop: Loop | undefined;
  readonly name: 'left' | 'right';
  readonly label: string;
}): ReactElement {
  if (!loop) {
    return (
      <button type="button" className="button quiet square" aria-label={label} disabled>
        <Sign name={name} />
      </button>
    );
  }
  return (
    <Link
      className="button quiet square"
      aria-label={`${label}: ${loop.workload.name}`}
      title={`${loop.workload.namespace} / ${loop.workload.name}`}
      href={loopHref(cluster, loop)}
    >
      <Sign name={name} />
    </Link>
  );
}

/** The address of a loop's diagnosis. */
function loopHref(cluster: string, loop: Loop): string {
  const { kind, namespace, name } = loop.workload;
  const path = diagnosisPath({ cluster, plural: pluralOf(kind), namespace, name });
  return `${path}${diagnosisSearch({ container: loop.container })}`;
}

const NONE: readonly Loop[] = [];
const ordered = new WeakMap<LoopsPage, readonly Loop[]>();

/** The loops of the board as this tab last had it, worst first; empty on the server and where no board was opened. */
function useKnownLoops(cluster: string): readonly Loop[] {
  const client = useQueryClient();
  const read = (): readonly Loop[] => {
    const pages = client.getQueriesData<LoopsPage>({ queryKey: [...loopQueries.all(), cluster] });
    const page = pages.map(([, data]) => data).find((data) => data !== undefined);
    if (page === undefined) return NONE;
    const known = ordered.get(page);
    if (known) return known;
    const loops = orderLoops(page.loops);
    ordered.set(page, loops);
    return loops;
  };
  return useSyncExternalStore(
    (changed) => client.getQueryCache().subscribe(changed),
    read,
    () => NONE,
  );
}
