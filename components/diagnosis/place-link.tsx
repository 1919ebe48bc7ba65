'use client';

import type { MouseEvent, ReactElement, ReactNode } from 'react';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { FactPlaceBody } from '@/lib/contract/fact-place';
import { type DiagnosisView, diagnosisSearch, viewOfPlace } from '@/lib/url/diagnosis';
import { specLineOf } from './choose-view';
import { placeWords } from './words';

export type ViewChange = Partial<DiagnosisView>;

/** How parts of the page open a place: as an address for links, as a step without a reload. */
export interface PlaceOpener {
  /** The address of this page with a change of its view. */
  href(change: ViewChange): string;
  /** Opens a place a person asked for: a step that Back undoes, with the evidence brought into view. */
  open(change: ViewChange): void;
  /** Narrows or moves within what is open, without a step for Back. */
  move(change: ViewChange): void;
  /** Brings the evidence into view and hands it the focus. */
  show(): void;
}

/** True for a press that the page answers itself; with a modifier the browser opens a tab. */
export function isPlainPress(event: MouseEvent): boolean {
  return !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) && event.button === 0;
}

/** The address of the present page with a change of its view, relative, so that it holds under any base path. */
export function hrefWith(view: DiagnosisView, change: ViewChange): string {
  return diagnosisSearch({ ...view, ...change }) || '?';
}

/** A link to the place a fact was read from, or its words where no tab shows it. */
export function PlaceLink({
  place,
  spec,
  places,
  children,
}: {
  readonly place: FactPlaceBody;
  readonly spec: Diagnosis['spec'];
  readonly places: PlaceOpener;
  readonly children?: ReactNode;
}): ReactElement {
  const change = viewOfPlace(place, (path) => specLineOf(spec, path));
  const words = children ?? placeWords(place, 'path' in place ? specLineOf(spec, place.path) : null);
  if (place.tab === 'runs') {
    return (
      <a className="link label nowrap" href="#timeline-heading">
        {words}
      </a>
    );
  }
  if (change === null) {
    return (
      <span className="place muted label nowrap" title={'path' in place ? place.path : undefined}>
        Pod status
      </span>
    );
  }
  return (
    <a
      className="link label nowrap"
      href={`${places.href(change)}#evidence`}
      onClick={(event) => {
        if (!isPlainPress(event)) return;
        event.preventDefault();
        places.open(change);
      }}
    >
      {words}
    </a>
  );
}
