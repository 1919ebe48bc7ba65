import type { ReactElement } from 'react';

/** Keeps the places of a diagnosis until it is there. */
export function DiagnosisSkeleton(): ReactElement {
  return (
    <div className="diagnosis bones" aria-busy="true">
      <p className="hidden-text">Reading the diagnosis</p>
      <div className="head" aria-hidden="true">
        <div className="crumbs">
          <Bone width="220px" />
        </div>
        <div className="title">
          <Bone width="72%" />
        </div>
        <Bone width="52%" />
        <Bone width="61%" />
        <div className="why">
          <Bone width="84%" />
          <Bone width="78%" />
          <Bone width="66%" />
        </div>
      </div>
      <div className="timeline" aria-hidden="true">
        <div className="section-head">
          <Bone width="48px" />
        </div>
        <Bone width="100%" />
        <Bone width="100%" />
      </div>
      <div className="evidence" aria-hidden="true">
        <div className="tabs" />
      </div>
      <div className="rail" aria-hidden="true">
        <div className="section-head">
          <Bone width="96px" />
        </div>
        <Bone width="88%" />
        <Bone width="70%" />
        <Bone width="80%" />
      </div>
    </div>
  );
}

function Bone({ width }: { readonly width: string }): ReactElement {
  return (
    <div>
      <span className="bone" style={{ width }} />
    </div>
  );
}
