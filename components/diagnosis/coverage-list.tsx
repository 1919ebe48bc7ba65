import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import { MarkedText } from './marked-text';

const SIGNS = {
  present: { name: 'seen', tone: 'held', label: 'seen' },
  partial: { name: 'partly', tone: 'waiting', label: 'seen in part' },
  missing: { name: 'unseen', tone: 'muted', label: 'not seen' },
} as const;

/** "What Unloop saw": each kind of evidence, or why it is missing. */
export function CoverageList({ evidence }: { readonly evidence: Diagnosis['evidence'] }): ReactElement | null {
  if (evidence.length === 0) return null;
  const seen = evidence.filter((line) => line.state !== 'missing').length;
  return (
    <>
      <div className="section-head cov">
        <h2>What Unloop saw</h2>
        <span className="muted label">
          {seen} of {evidence.length} in full or part
        </span>
      </div>
      <ul className="coverage">
        {evidence.map((line) => (
          <li key={line.part}>
            <Icon {...SIGNS[line.state]} />
            <span>
              {line.part}: <MarkedText text={line.text} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
