import Link from 'next/link';
import type { ReactElement } from 'react';
import { MarkedText } from '@/components/diagnosis/marked-text';
import { Icon } from '@/components/ui/icon';
import type { CauseBody } from '@/lib/contract/cause';
import type { Cluster } from '@/lib/contract/cluster';
import { CATEGORY_TITLES } from '@/lib/domain/causes';
import { formatClock } from '@/lib/format/clock';
import { causePath } from '@/lib/url/causes';
import { serializeHistory } from '@/lib/url/history';
import { AffectedList } from './affected-list';

export interface CauseViewProps {
  readonly cause: CauseBody;
  /** The others of its category, in the order of the reference. */
  readonly siblings: readonly { readonly id: string; readonly title: string }[];
  readonly clusters: readonly Cluster[];
  readonly asOf: string;
}

/** One cause: how it shows, what to do, how to keep it away, and who is affected now. */
export function CauseView({ cause, siblings, clusters, asOf }: CauseViewProps): ReactElement {
  const { id, title, category, meaning, docs, affected } = cause;
  return (
    <article className="cause">
      <nav className="crumbs" aria-label="Breadcrumb">
        <ol>
          <li>
            <Link href="/causes">Causes</Link>
          </li>
          <li>
            <Link href={`/causes#${category}`}>{CATEGORY_TITLES[category]}</Link>
          </li>
          <li aria-current="page">
            <code>{id}</code>
          </li>
        </ol>
      </nav>
      <h1>{title}</h1>
      <p className="prose muted">{sentence(meaning)}</p>
      <div className="cause-parts">
        <div className="cause-text">
          {docs.map((doc) => (
            <CauseDoc key={doc.ruleId} doc={doc} title={docs.length > 1 ? doc.title : null} />
          ))}
          {docs.length === 0 ? (
            <p className="prose">
              Unloop has no rule for this cause yet: it names the cause in its vocabulary, and does not find it by
              itself.
            </p>
          ) : null}
        </div>
        <aside className="cause-rail" id="affected" aria-labelledby="affected-title">
          <h2 id="affected-title">
            Affected now <span className="muted">{affected.length}</span>
          </h2>
          {affected.length > 0 ? (
            <AffectedList affected={affected} hasClusters={clusters.length > 1} />
          ) : (
            <p className="calm">
              <Icon name="recovered" tone="held" />
              Nothing fails for this cause.
            </p>
          )}
          <p className="label muted">As of {formatClock(Date.parse(asOf))} UTC, in every cluster that is watched.</p>
          <h2>Ended before</h2>
          <ul className="ended-links">
            {clusters.map((cluster) => (
              <li key={cluster.id}>
                <Link
                  className="link"
                  prefetch={false}
                  href={serializeHistory(`/c/${encodeURIComponent(cluster.id)}/history`, {
                    q: `cause:${id}`,
                    period: 'all',
                  })}
                >
                  In the history of {cluster.id}
                </Link>
              </li>
            ))}
          </ul>
          <h2>{CATEGORY_TITLES[category]}</h2>
          <ul className="siblings">
            {siblings.map((other) => (
              <li key={other.id}>
                <Link prefetch={false} href={causePath(other.id)} aria-current={other.id === id ? 'page' : undefined}>
                  {other.title}
                </Link>
              </li>
            ))}
          </ul>
        </aside>
      </div>
    </article>
  );
}

function CauseDoc({
  doc,
  title,
}: {
  readonly doc: CauseBody['docs'][number];
  readonly title: string | null;
}): ReactElement {
  const Heading = title === null ? 'h2' : 'h3';
  return (
    <section>
      {title === null ? null : <h2 className="variant">{title}</h2>}
      <dl className="symptoms">
        <div>
          <dt>
            In <code>kubectl describe</code>
          </dt>
          <dd>
            <MarkedText text={doc.describe} />
          </dd>
        </div>
        <div>
          <dt>In the log</dt>
          <dd>
            <MarkedText text={doc.logs} />
          </dd>
        </div>
      </dl>
      <Heading className="part">What to do</Heading>
      <ol className="steps">
        {doc.steps.map((step) => (
          <li key={step}>
            <MarkedText text={step} />
          </li>
        ))}
      </ol>
      <Heading className="part">Keep it from coming back</Heading>
      <p className="prose">
        <MarkedText text={doc.prevention} />
      </p>
      <p className="read-on">
        <a className="link" href={doc.url} rel="noreferrer noopener" target="_blank">
          Kubernetes documentation
        </a>
        <span className="label muted"> {hostOf(doc.url)}, opens in a new tab</span>
      </p>
    </section>
  );
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
