import Link from 'next/link';
import type { ReactElement } from 'react';
import { TopBar } from '@/components/shell/top-bar';

export default function NotFound(): ReactElement {
  return (
    <>
      <TopBar />
      <main id="main">
        <section className="plain">
          <h1>There is nothing at this address</h1>
          <p>The cluster may have another name now, or the workload and its history are gone.</p>
          <p>
            <Link className="link" href="/">
              To the clusters
            </Link>
          </p>
        </section>
      </main>
    </>
  );
}
