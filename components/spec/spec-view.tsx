'use client';

import { type ReactElement, useMemo } from 'react';
import { MarkedText } from '@/components/diagnosis/marked-text';
import { CutText } from '@/components/log/cut-text';
import { LineList } from '@/components/log/line-list';
import { LineNumber } from '@/components/log/log-line';
import { visibleText } from '@/components/log/parse-log';
import { CopyButton } from '@/components/ui/copy-button';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import { countOf } from '@/lib/format/count';
import { toneYaml, type YamlPiece } from './yaml-tone';

export interface SpecViewProps {
  readonly spec: Diagnosis['spec'];
  /** Why it is missing or what was left out, or empty. */
  readonly text: string;
  /** The line the address names, or null. */
  readonly line: number | null;
  readonly hrefOf: (line: number) => string;
  readonly onLine: (line: number) => void;
}

/** The Spec tab: the failing pod as YAML, the decisive lines marked and in view. */
export function SpecView({ spec, text, line, hrefOf, onLine }: SpecViewProps): ReactElement {
  if (spec === null) {
    return (
      <div className="hollow">
        <p>
          <MarkedText text={text === '' ? 'The pod was not read, so there is no YAML to show.' : text} />
        </p>
      </div>
    );
  }
  return <Yaml spec={spec} text={text} line={line} hrefOf={hrefOf} onLine={onLine} />;
}

function Yaml({
  spec,
  text,
  line,
  hrefOf,
  onLine,
}: SpecViewProps & { readonly spec: NonNullable<Diagnosis['spec']> }): ReactElement {
  const yaml = spec.yaml.replace(/\n$/, '');
  const lines = useMemo(() => toneYaml(yaml), [yaml]);
  const marks = new Map(spec.marks.map((mark) => [mark.line, mark.text]));
  const decisive = spec.marks.find((mark) => mark.path.startsWith('spec.')) ?? spec.marks[0];
  const opening = line ?? decisive?.line ?? 1;
  return (
    <>
      <div className="tools">
        <code className="muted">{spec.pod}</code>
        <span className="muted">
          {spec.marks.length === 0 ? 'no line of it is decisive' : `${countOf(spec.marks.length, 'line')} marked`}
        </span>
        <span className="end">
          <CopyButton className="button" text={() => spec.yaml}>
            Copy YAML
          </CopyButton>
        </span>
      </div>
      <LineList
        count={lines.length}
        label={`YAML of ${spec.pod}`}
        className="spec unstamped"
        wraps
        target={{ index: Math.min(Math.max(opening, 1), lines.length) - 1, key: `${spec.pod} ${opening}` }}
        line={(index) => {
          const no = index + 1;
          const mark = marks.get(no);
          return {
            className: `${mark === undefined ? '' : 'decisive'}${line === no ? ' chosen' : ''}`.trim(),
            content: (
              <>
                <LineNumber no={no} href={hrefOf(no)} onPick={onLine} />
                <span className="text">
                  <YamlLine pieces={lines[index] ?? []} />
                </span>
                {mark === undefined ? null : <b className="flag">{mark === '' ? 'decisive' : visibleText(mark)}</b>}
              </>
            ),
          };
        }}
      />
      <p className="label muted foot">
        {countOf(lines.length, 'line')}. Credentials are left out before they reach this page; managedFields too.
        {text === '' ? null : (
          <>
            {' '}
            <MarkedText text={text} />
          </>
        )}
      </p>
    </>
  );
}

function YamlLine({ pieces }: { readonly pieces: readonly YamlPiece[] }): ReactElement {
  const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  return (
    <CutText
      length={length}
      render={(shown) => {
        let left = shown;
        return pieces.map((piece) => {
          const text = visibleText(piece.text.slice(0, Math.max(0, left)));
          left -= piece.text.length;
          return (
            <span key={piece.tone === 'sign' ? `sign ${left}` : piece.tone} className={piece.tone}>
              {text}
            </span>
          );
        });
      }}
    />
  );
}
