import type { ReactElement } from 'react';
import { visibleText } from '@/components/log/parse-log';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis, VerdictBody } from '@/lib/contract/diagnosis';
import { countOf } from '@/lib/format/count';
import { MarkedText } from './marked-text';
import { PlaceLink, type PlaceOpener } from './place-link';
import { Sign } from './sign';
import { certainty } from './words';

interface FactsProps {
  readonly verdict: VerdictBody;
  readonly spec: Diagnosis['spec'];
  readonly places: PlaceOpener;
}

/** The facts a verdict stands on, each with its place. */
function FactList({ verdict, spec, places }: FactsProps): ReactElement {
  return (
    <ul className="facts">
      {verdict.facts.map((fact) => (
        <li key={`${fact.source} ${fact.text}`}>
          <Sign name={fact.place.tab} />
          <span title={fact.source}>
            <MarkedText text={fact.text} />
            <FactValue text={fact.text} value={fact.value} />
          </span>
          <PlaceLink place={fact.place} spec={spec} places={places} />
        </li>
      ))}
    </ul>
  );
}

/** Quoted evidence longer than this is cut: its place shows it whole. */
const VALUE_CUT = 300;

/** The exact text that was read, where the sentence does not quote it already. */
function FactValue({ text, value }: { readonly text: string; readonly value: string }): ReactElement | null {
  const shown = visibleText(value.trim());
  if (shown === '' || visibleText(text).includes(shown)) return null;
  return (
    <>
      {/[:.]$/.test(text) ? ' ' : ': '}
      <code>{shown.length > VALUE_CUT ? `${shown.slice(0, VALUE_CUT)}…` : shown}</code>
    </>
  );
}

/** Why the page says what it says: how sure, by which facts; below it what else may be. */
export function VerdictFacts({
  verdict,
  others,
  spec,
  places,
}: FactsProps & { readonly others: readonly VerdictBody[] }): ReactElement {
  return (
    <div className="facts-column">
      <h2 className="section-head">{certainty(verdict)}</h2>
      <FactList verdict={verdict} spec={spec} places={places} />
      {others.length === 0 ? null : (
        <details className="others">
          <summary>
            <Sign name="right" />
            Also possible: {countOf(others.length, 'other cause')}
          </summary>
          <ul>
            {others.map((other) => (
              <li key={other.ruleId}>
                <MarkedText text={other.sentence} /> <span className="muted">{certainty(other)}.</span>
                <FactList verdict={other} spec={spec} places={places} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What is being read while no rule has judged yet. */
export function Collecting({ diagnosis }: { readonly diagnosis: Diagnosis }): ReactElement {
  return (
    <div className="facts-column">
      <h2 className="section-head">{diagnosis.evidence.length > 0 ? 'Seen so far' : 'Being read'}</h2>
      <ul className="facts">
        {diagnosis.evidence.map((line) => (
          <li key={line.part}>
            <Icon name={line.state === 'present' ? 'seen' : line.state === 'partial' ? 'partly' : 'unseen'} />
            <span>
              {line.part}: <MarkedText text={line.text} />
            </span>
          </li>
        ))}
        {diagnosis.evidence.length > 0 ? null : (
          <li>
            <Icon name="partly" />
            <span>The log of the last run, the pod, its events and its owner. The verdict appears here by itself.</span>
          </li>
        )}
      </ul>
    </div>
  );
}
