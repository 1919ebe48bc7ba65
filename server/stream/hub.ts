import type { Cluster } from '@/lib/contract/cluster';
import type { Coverage, Loop, Totals } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';
import { namespaceOfLoop } from '@/lib/domain/loop';
import type { Sight, Viewer } from '@/lib/domain/viewer';
import { shownRows } from '@/server/view/shown-row';

/** What changed on the board, before it is cut to what a viewer sees. */
export interface BoardChange {
  readonly asOf: string;
  readonly upserts: readonly Loop[];
  /** Ids of rows that left the board. */
  readonly removed: readonly string[];
  /** True where watches or the cluster may stand otherwise than before. */
  readonly isStatus?: boolean;
}

/** What a change says beside its rows, asked for each sight. */
export interface HubView {
  readonly totals: (sight: Sight) => Totals;
  readonly status: (viewer: Viewer) => { readonly coverage: readonly Coverage[]; readonly cluster: Cluster };
}

/** Who reads the stream. `send` takes a frame already written as text; `null` asks it to close. */
export interface StreamReader {
  readonly sight: Sight;
  send(text: string | null): void;
}

/** Readers who see the same, and get the same frames. */
interface Audience {
  readonly sight: Sight;
  readonly readers: Set<StreamReader>;
  /** Status and numbers as they were last told, as text. */
  told: string;
}

/** The text of one server-sent event. JSON holds no line break, so one data line suffices. */
export function frameText(frame: StreamFrame, sequence?: number): string {
  const id = sequence === undefined ? '' : `id: ${sequence}\n`;
  return `${id}event: ${frame.kind}\ndata: ${JSON.stringify(frame)}\n\n`;
}

/** Fans board changes out to the readers of one cluster. A frame is written once for all who see the same. */
export class StreamHub {
  readonly #audiences = new Map<string, Audience>();
  #sequence = 0;
  readonly #view: HubView;

  constructor(view: HubView) {
    this.#view = view;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get readerCount(): number {
    return [...this.#audiences.values()].reduce((sum, { readers }) => sum + readers.size, 0);
  }

  /** Adds a reader; the function given back removes it. */
  subscribe(reader: StreamReader): () => void {
    const { sight } = reader;
    const audience = this.#audiences.get(sight.key) ?? { sight, readers: new Set(), told: this.#standing(sight).text };
    this.#audiences.set(sight.key, audience);
    audience.readers.add(reader);
    return () => {
      audience.readers.delete(reader);
      if (audience.readers.size === 0 && this.#audiences.get(sight.key) === audience) this.#audiences.delete(sight.key);
    };
  }

  /** Sends a change to everybody whom it concerns. Numbers above the board go along. */
  publish(change: BoardChange): void {
    this.#sequence++;
    for (const audience of [...this.#audiences.values()]) {
      const text = this.#write(change, audience);
      if (text !== null) for (const reader of [...audience.readers]) reader.send(text);
    }
  }

  /** Ends every stream; for shutdown. */
  closeAll(): void {
    const readers = [...this.#audiences.values()].flatMap((audience) => [...audience.readers]);
    this.#audiences.clear();
    for (const reader of readers) reader.send(null);
  }

  #standing(sight: Sight) {
    const standing = { totals: this.#view.totals(sight), ...this.#view.status(sight.viewer) };
    return { ...standing, text: JSON.stringify(standing) };
  }

  /** The change as this audience sees it; null where nothing of it concerns them. */
  #write(change: BoardChange, audience: Audience): string | null {
    const { sight } = audience;
    const upserts = shownRows(change.upserts, sight);
    const removed = change.removed.filter((id) => sight.shows(namespaceOfLoop(id)));
    const standing = change.isStatus ? this.#standing(sight) : null;
    const isToldAnew = standing !== null && standing.text !== audience.told;
    if (upserts.length === 0 && removed.length === 0 && !isToldAnew) return null;
    if (standing) audience.told = standing.text;
    return frameText(
      {
        kind: 'change',
        sequence: this.#sequence,
        asOf: change.asOf,
        upserts,
        removed,
        totals: standing?.totals ?? this.#view.totals(sight),
        ...(standing ? { coverage: [...standing.coverage], cluster: standing.cluster } : {}),
      },
      this.#sequence,
    );
  }
}
