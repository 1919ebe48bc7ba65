import type { ReactElement } from 'react';
import { Since } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Basis, VerdictBody } from '@/lib/contract/diagnosis';
import { MarkedText } from './marked-text';
import { ago } from './words';

/** Says what a verdict stands on where that is not the whole evidence as these rules saw it from the start. */
export function BasisNotice({
  basis,
  verdict,
}: {
  readonly basis: Basis;
  readonly verdict: VerdictBody | undefined;
}): ReactElement | null {
  const { kind, at, ruleset, saidThen, brokenRules, problem } = basis;
  if (kind !== 'presentation' && saidThen === null && brokenRules.length === 0 && problem === '') return null;
  const when = at === null ? null : <Since at={at} text={ago} />;
  return (
    <aside className="past" aria-label="What the verdict stands on">
      <Icon name="partly" tone="waiting" />
      <div>
        {problem === '' ? null : <p>What is stored of this loop cannot be read, see the server's log: {problem}</p>}
        {kind !== 'presentation' ? null : (
          <p>
            <b>As an earlier version of Unloop showed it</b> {when}. It kept no evidence, so that today's rules cannot
            judge it.
          </p>
        )}
        {saidThen === null ? null : (
          <>
            <p>
              <b>Said then</b> ({saidThen.confidence}, {when}): <MarkedText text={saidThen.sentence} />
            </p>
            <p>
              <b>Says now</b>{' '}
              {verdict ? (
                <>
                  ({verdict.confidence}): <MarkedText text={verdict.sentence} />
                </>
              ) : (
                'nothing: no rule sees a failure in it.'
              )}{' '}
              {saidThen.ruleset === ruleset
                ? 'Less of the evidence is held than then.'
                : 'The rules have changed; the evidence has not.'}
            </p>
          </>
        )}
        {brokenRules.length === 0 ? null : (
          <p>
            <b>{brokenRules.length === 1 ? 'A rule failed' : `${brokenRules.length} rules failed`}</b> on this evidence
            and said nothing: {brokenRules.map(({ ruleId, error }) => `${ruleId} (${error})`).join(', ')}
          </p>
        )}
      </div>
    </aside>
  );
}
