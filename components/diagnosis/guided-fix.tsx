'use client';

import { type ReactElement, useId, useMemo, useState } from 'react';
import { visibleText } from '@/components/log/parse-log';
import { useClock } from '@/components/ui/clock';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { StepBody } from '@/lib/contract/step';
import { countOf } from '@/lib/format/count';
import { Command } from './command';
import { MarkedText } from './marked-text';
import { patchLines } from './patch-lines';
import { PlaceLink, type PlaceOpener } from './place-link';
import { currentStep, doneWords, isDone } from './step-progress';

export interface GuidedFixProps {
  readonly steps: readonly StepBody[];
  readonly spec: Diagnosis['spec'];
  readonly places: PlaceOpener;
}

/** The steps of the fix in their order. The first command is open; a press opens another, all are on paper. */
export function GuidedFix({ steps, spec, places }: GuidedFixProps): ReactElement {
  const [open, setOpen] = useState(() => steps.findIndex((step) => 'command' in step));
  const current = currentStep(steps);
  const doneCount = steps.filter(isDone).length;
  return (
    <>
      <div className="section-head">
        <h2>Guided fix</h2>
        <span className="muted label">
          {steps.length === 0 ? '' : countOf(steps.length, 'step')}
          {doneCount === 0 ? '' : `, ${doneCount} done`}
        </span>
      </div>
      {steps.length === 0 ? (
        <p className="muted">No step yet: a fix needs a cause. The evidence at the left is what there is to go by.</p>
      ) : (
        <ol className="steps">
          {steps.map((step, index) => (
            <StepItem
              key={`${step.kind} ${step.id} ${step.title}`}
              step={step}
              number={index + 1}
              isNow={index === current}
              isOpen={index === open}
              onToggle={() => setOpen(index === open ? -1 : index)}
              spec={spec}
              places={places}
            />
          ))}
        </ol>
      )}
    </>
  );
}

function StepItem({
  step,
  number,
  isNow,
  isOpen,
  onToggle,
  spec,
  places,
}: {
  readonly step: StepBody;
  readonly number: number;
  readonly isNow: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly spec: Diagnosis['spec'];
  readonly places: PlaceOpener;
}): ReactElement {
  const id = useId();
  const hasAction = 'command' in step;
  const done = isDone(step);
  const progress = useClock((now) => doneWords(step, now) ?? '');
  return (
    <li className={isNow ? 'now' : done ? 'done' : undefined} aria-current={isNow ? 'step' : undefined}>
      <span className="dotmark" aria-hidden>
        {done ? <Icon name="seen" /> : number}
      </span>
      <div>
        <h3>
          {hasAction ? (
            <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
              <span>
                <MarkedText text={step.title} />
              </span>
              <Icon name="down" />
            </button>
          ) : (
            <MarkedText text={step.title} />
          )}
        </h3>
        {step.text === '' && step.kind !== 'look' ? null : (
          <p className={isNow || isOpen ? undefined : 'muted'}>
            <MarkedText text={step.text} />
            {step.kind === 'look' ? (
              <>
                {' '}
                <PlaceLink place={step.place} spec={spec} places={places} />
              </>
            ) : null}
          </p>
        )}
        {hasAction ? (
          <div className={isOpen ? 'action' : 'action closed'} id={id}>
            {step.kind === 'patch' ? <Patch step={step} spec={spec} /> : null}
            <Command text={step.command} />
            <div className="actions">
              <CopyButton className="button primary" text={() => step.command}>
                Copy command
              </CopyButton>
              {step.yaml === undefined ? null : (
                <CopyButton className="button" text={() => step.yaml ?? ''}>
                  Copy YAML for Git
                </CopyButton>
              )}
            </div>
          </div>
        ) : null}
        {progress === '' || !(isNow || isOpen || done) ? null : (
          <p className="done-when">
            <MarkedText text={progress} />
          </p>
        )}
      </div>
    </li>
  );
}

const SIGNS = { add: '+', del: '−', same: ' ' } as const;
const SPOKEN = { add: 'added: ', del: 'removed: ', same: '' } as const;

function Patch({
  step,
  spec,
}: {
  readonly step: Extract<StepBody, { kind: 'patch' }>;
  readonly spec: Diagnosis['spec'];
}): ReactElement {
  const lines = useMemo(
    () => patchLines(step, spec?.yaml ?? null).map((line, index) => ({ ...line, no: index })),
    [step, spec],
  );
  return (
    <figure className="patch">
      <figcaption>
        <code>
          {step.target.kind.toLowerCase()}/{step.target.name}
        </code>
        <span className="muted label">{step.patchType} patch</span>
      </figcaption>
      <pre className="diff">
        {lines.map(({ no, kind, text }) => (
          <span key={no} className={kind === 'same' ? undefined : kind}>
            <i aria-hidden>{SIGNS[kind]}</i>
            {SPOKEN[kind] === '' ? null : <span className="hidden-text">{SPOKEN[kind]}</span>}
            {visibleText(text)}
          </span>
        ))}
      </pre>
    </figure>
  );
}
