import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactElement } from 'react';
import { CauseView } from '@/components/causes/cause-view';
import { ServerTimeProvider } from '@/components/ui/clock';
import { CAUSE_IDS, CAUSES, type CauseId } from '@/lib/domain/causes';
import { readContext } from '@/server/read/context';
import { getCause } from '@/server/read/list-causes';
import { listClusters } from '@/server/read/list-clusters';

interface PageProps {
  readonly params: Promise<{ id: string }>;
}

async function causeOf(params: PageProps['params']): Promise<CauseId> {
  const { id } = await params;
  return CAUSE_IDS.find((one) => one === decodeURIComponent(id)) ?? notFound();
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: CAUSES[await causeOf(params)].title };
}

export default async function CausePage({ params }: PageProps): Promise<ReactElement> {
  const id = await causeOf(params);
  const asked = readContext();
  const siblings = CAUSE_IDS.filter((one) => CAUSES[one].category === CAUSES[id].category);
  const asOf = new Date().toISOString();
  return (
    <ServerTimeProvider at={Date.parse(asOf)}>
      <CauseView
        cause={getCause(asked, { id })}
        siblings={siblings.map((one) => ({ id: one, title: CAUSES[one].title }))}
        clusters={listClusters(asked)}
        asOf={asOf}
      />
    </ServerTimeProvider>
  );
}
