import { dehydrate, HydrationBoundary, QueryClient } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { SearchParams } from 'nuqs/server';
import { cache, type ReactElement } from 'react';
import { found } from '@/app/found';
import { openingLog } from '@/components/diagnosis/choose-view';
import { DiagnosisView } from '@/components/diagnosis/diagnosis-view';
import { ServerTimeProvider } from '@/components/ui/clock';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import { UnloopError } from '@/lib/domain/unloop-error';
import { diagnosisQueries, type LogKey, logQueries } from '@/lib/query/diagnosis-queries';
import { type DiagnosisKey, loadDiagnosisView } from '@/lib/url/diagnosis';
import { readContext } from '@/server/read/context';
import { getDiagnosis } from '@/server/read/get-diagnosis';
import { getRunLog } from '@/server/read/get-log';
import '@/app/styles/diagnosis.css';

interface Props {
  params: Promise<{ cluster: string; plural: string; ns: string; name: string }>;
  searchParams: Promise<SearchParams>;
}

const read = cache(
  async (cluster: string, plural: string, namespace: string, name: string, at?: string): Promise<Diagnosis> => {
    const endedAt = at === undefined ? null : Date.parse(at);
    if (Number.isNaN(endedAt)) notFound();
    return found(() => getDiagnosis(readContext(), { cluster, plural, namespace, name, endedAt }));
  },
);

async function keyOf({ params, searchParams }: Props): Promise<DiagnosisKey> {
  const { cluster, plural, ns, name } = await params;
  const { at } = await loadDiagnosisView(searchParams);
  return {
    cluster: decodeURIComponent(cluster),
    plural: decodeURIComponent(plural),
    namespace: decodeURIComponent(ns),
    name: decodeURIComponent(name),
    ...(at === null ? {} : { at }),
  };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const key = await keyOf(props);
  const { name } = key;
  const diagnosis = await read(key.cluster, key.plural, key.namespace, name, key.at);
  const what = diagnosis.verdicts[0]?.what ?? diagnosis.loops[0]?.status;
  return { title: what === undefined ? name : `${name}: ${what}` };
}

export default async function Page(props: Props): Promise<ReactElement> {
  const key = await keyOf(props);
  const diagnosis = await read(key.cluster, key.plural, key.namespace, key.name, key.at);
  const log = openingLog(diagnosis, await loadDiagnosisView(props.searchParams));
  const client = new QueryClient();
  client.setQueryData(diagnosisQueries.detail(key).queryKey, diagnosis);
  if (log !== null) await seedLog(client, log);
  return (
    <ServerTimeProvider at={Date.parse(diagnosis.asOf)}>
      <HydrationBoundary state={dehydrate(client)}>
        <DiagnosisView diagnosisKey={key} />
      </HydrationBoundary>
    </ServerTimeProvider>
  );
}

async function seedLog(client: QueryClient, key: LogKey): Promise<void> {
  try {
    const { text, skippedLines, gapBefore, stamped } = await getRunLog(readContext(), key);
    client.setQueryData(logQueries.run(key).queryKey, { text, skippedLines, gapBefore, stamped });
  } catch (error) {
    // The log panel asks again and says what failed; the rest of the page must not fail with it.
    if (!(error instanceof UnloopError)) throw error;
  }
}
