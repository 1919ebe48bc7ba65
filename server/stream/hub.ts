import type { Cluster } from '@/lib/contract/cluster';
import type { Coverage, Loop, Totals } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';

/** What changed on the board, before it is cut to a viewer's namespaces. */
export interface BoardChange {
  readonly asOf: string;
  readonly upserts: readonly Loop[];
  /** Ids of rows that left the board. */
  readonly removed: readonly string[];
  readonly coverage?: readonly Coverage[];
  readonly cluster?: Cluster;
}

/** A viewer of the stream. `send` takes a frame already written as text; `null` asks it to close. */
export interface StreamViewer {
  /** Only rows of these namespaces; null: all. */
  readonly namespaces: readonly string[] | null;
  send(text: string | null): void;
}

/** Gives the text of one server-sent event. JSON holds no line break, so one data line suffices. */
export function frameText(frame: StreamFrame, sequence?: number): string {
  const id = sequence === undefined ? '' : `id: ${sequence}\n`;
  return `${id}event: ${frame.kind}\ndata: ${JSON.stringify(frame)}\n\n`;
}

function namespaceOf(loopId: string): string {
  return loopId.split('/')[1] ?? '';
}

/** Fans board changes out to the viewers of one cluster. A frame is written once for each distinct set of namespaces. */
export class StreamHub {
  #viewers = new Set<StreamViewer>();
  #sequence = 0;
  #totals: (namespaces: readonly string[] | null) => Totals;

  constructor(totals: (namespaces: readonly string[] | null) => Totals) {
    this.#totals = totals;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  /** Adds a viewer; the function given back removes it. */
  subscribe(viewer: StreamViewer): () => void {
    this.#viewers.add(viewer);
    return () => {
      this.#viewers.delete(viewer);
    };
  }

  /** Sends a change to everybody whom it concerns. Numbers above the board go along. */
  publish(change: BoardChange): void {
    this.#sequence++;
    const written = new Map<string, string | null>();
    for (const viewer of this.#viewers) {
      const key = viewer.namespaces === null ? '*' : viewer.namespaces.join(',');
      let text = written.get(key);
      if (text === undefined) {
        text = this.#write(change, viewer.namespaces);
        written.set(key, text);
      }
      if (text !== null) viewer.send(text);
    }
  }

  /** Ends every stream; for shutdown. */
  closeAll(): void {
    for (const viewer of [...this.#viewers]) viewer.send(null);
    this.#viewers.clear();
  }

  #write(change: BoardChange, namespaces: readonly string[] | null): string | null {
    const seen = (namespace: string) => namespaces === null || namespaces.includes(namespace);
    const upserts = change.upserts.filter((loop) => seen(loop.workload.namespace));
    const removed = change.removed.filter((id) => seen(namespaceOf(id)));
    if (upserts.length === 0 && removed.length === 0 && !change.coverage && !change.cluster) return null;
    return frameText(
      {
        kind: 'change',
        sequence: this.#sequence,
        asOf: change.asOf,
        upserts,
        removed,
        totals: this.#totals(namespaces),
        ...(change.coverage ? { coverage: [...change.coverage] } : {}),
        ...(change.cluster ? { cluster: change.cluster } : {}),
      },
      this.#sequence,
    );
  }
}
