import Link from 'next/link';
import type { ReactElement } from 'react';
import { Since } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import { pluralOf } from '@/lib/domain/loop';
import { formatAbsolute } from '@/lib/format/clock';
import { formatDuration } from '@/lib/format/duration';
import { diagnosisPath } from '@/lib/url/diagnosis';
import { serializeHistory } from '@/lib/url/history';
import { ago } from './words';

/** Says that this is an earlier loop as it was, how it ended, and where to see the workload now. */
export function PastNotice({ diagnosis }: { readonly diagnosis: Diagnosis }): ReactElement | null {
  const { cluster, past, workload } = diagnosis;
  if (!past) return null;
  const endedAt = Date.parse(past.endedAt);
  const { kind, namespace, name } = workload;
  const now = diagnosisPath({ cluster, plural: pluralOf(kind), namespace, name });
  const history = `/c/${encodeURIComponent(cluster)}/history`;
  return (
    <aside className="past" aria-label="An earlier loop">
      <Icon name={past.state} tone={past.state === 'gone' ? 'gone' : 'held'} />
      <p>
        <b>
          {past.state === 'gone' ? 'Gone' : 'Recovered'} <Since at={past.endedAt} text={ago} />
        </b>
        , at {formatAbsolute(endedAt)}
        {past.endedBy === null ? '' : `: ${past.endedBy}`}. Verdict, logs and events are shown as they were then.{' '}
        {past.cameBackAt === null ? null : (
          <span className="failing">
            It failed again {formatDuration(Math.max(0, Date.parse(past.cameBackAt) - endedAt))} later.
          </span>
        )}
      </p>
      <span className="end">
        <Link className="link" href={now}>
          {past.cameBackAt === null ? 'The workload now' : 'The loop now'}
        </Link>
        <Link className="link" href={serializeHistory(history, { ns: [namespace], q: name, period: 'all' })}>
          All its ends
        </Link>
      </span>
    </aside>
  );
}
