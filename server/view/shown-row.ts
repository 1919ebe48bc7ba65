import type { Loop } from '@/lib/contract/loop';
import type { Sight } from '@/lib/domain/viewer';

/** A row as the viewer may see it: without cause and change where they may not see what those were read from. */
export function shownRow<Row extends Pick<Loop, 'workload' | 'verdict' | 'change' | 'fingerprint'>>(
  row: Row,
  sight: Sight,
): Row {
  if (sight.canExplain(row.workload.namespace)) return row;
  return { ...row, verdict: null, change: null, fingerprint: null };
}

/** Rows of the namespaces that the viewer may see and asked for, each as they may see it. */
export function shownRows(rows: Iterable<Loop>, sight: Sight): Loop[] {
  const shown: Loop[] = [];
  for (const row of rows) if (sight.shows(row.workload.namespace)) shown.push(shownRow(row, sight));
  return shown;
}
