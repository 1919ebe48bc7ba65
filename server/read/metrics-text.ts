import 'server-only';
import { backgroundFailures } from '@/server/log';
import { rowsOf, wholeStatusOf } from '@/server/loops/live-cluster';
import { runtime } from '@/server/runtime-slot';
import type { OperatorContext } from './context';

const label = (text: string) => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** Prometheus text over all that is watched: watch age, events, loops by state, recorder lag, streams, memory. */
export function metricsText(_operator: OperatorContext): string {
  const out: string[] = [];
  const metric = (
    name: string,
    type: 'gauge' | 'counter',
    help: string,
    samples: readonly (readonly [string, number])[],
  ) => {
    out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) out.push(`${name}${labels} ${value}`);
  };
  const now = Date.now();
  const rows = [...runtime().clusters].map(
    ([id, { live, hub, brokenRules, figures }]) =>
      [
        `cluster="${label(id)}"`,
        live,
        { ...figures(), streams: hub.readerCount, brokenRules: brokenRules.counts },
      ] as const,
  );
  metric(
    'unloop_up',
    'gauge',
    'Whether the cluster is watched now.',
    rows.map(([c, p]) => [`{${c}}`, wholeStatusOf(p).state === 'live' ? 1 : 0]),
  );
  metric(
    'unloop_pods',
    'gauge',
    'Pods known.',
    rows.map(([c, p]) => [`{${c}}`, p.pods.size]),
  );
  metric(
    'unloop_pod_changes_total',
    'counter',
    'Pod changes handled.',
    rows.map(([c, , m]) => [`{${c}}`, m.podChanges]),
  );
  metric(
    'unloop_events_total',
    'counter',
    'Kubernetes events handled.',
    rows.map(([c, , m]) => [`{${c}}`, m.events]),
  );
  metric(
    'unloop_loops',
    'gauge',
    'Loops on the board by state.',
    rows.flatMap(([c, p]) =>
      [...Map.groupBy(rowsOf(p), ({ state }) => state)].map(
        ([state, ofState]) => [`{${c},state="${state}"}`, ofState.length] as const,
      ),
    ),
  );
  metric(
    'unloop_watch_age_seconds',
    'gauge',
    'Since the API server was last heard.',
    rows.map(([c, { watchStates }]) => {
      const heardAt = Math.max(0, ...watchStates.map(({ lastHeardAt }) => lastHeardAt ?? 0));
      return [`{${c}}`, heardAt === 0 ? -1 : (now - heardAt) / 1000];
    }),
  );
  metric(
    'unloop_recorder_lag',
    'gauge',
    'Runs, loops, events, diagnoses, changes and logs not yet written.',
    rows.map(([c, , m]) => [`{${c}}`, m.recorderLag]),
  );
  metric(
    'unloop_crashes_lost_total',
    'counter',
    'Crashes seen but not kept, since too many waited for a history that could not be written.',
    rows.map(([c, , m]) => [`{${c}}`, m.lost]),
  );
  metric(
    'unloop_rule_failures_total',
    'counter',
    'Rules that failed on evidence, see the log.',
    rows.flatMap(([c, , m]) => [...m.brokenRules].map(([id, n]) => [`{${c},rule="${id}"}`, n] as const)),
  );
  metric(
    'unloop_streams',
    'gauge',
    'Open streams.',
    rows.map(([c, , m]) => [`{${c}}`, m.streams]),
  );
  metric('unloop_background_failures_total', 'counter', 'Failures of background work, see the log.', [
    ['', backgroundFailures()],
  ]);
  metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', process.memoryUsage.rss()]]);
  return `${out.join('\n')}\n`;
}
