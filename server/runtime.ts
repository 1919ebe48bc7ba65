import 'server-only';
import { loadClusterTargets, targetFromServer } from '@/server/kubernetes/cluster-targets';
import { type Config, readConfig } from './config';
import { startDemoCluster } from './demo/start-demo-cluster';
import { background, describeError, forOutput, logLine } from './log';
import { ClusterPipeline } from './pipeline/cluster-pipeline';
import { PastRuns } from './pipeline/past-runs';
import { type Runtime, runtimeSlot } from './runtime-slot';
import { openStore } from './store/open-store';
import type { Store } from './store/store';

const PRUNE_MS = 15 * 60_000;
const STOP_DEADLINE_MS = 5000;
const DEMO_ID = 'demo';

/** Undoes what was started, newest first; each is tried even when another fails. */
async function release(releasers: (() => Promise<void> | void)[]): Promise<void> {
  for (const undo of releasers.splice(0).reverse()) {
    try {
      await undo();
    } catch (error) {
      logLine('error', 'shutdown', describeError(error));
    }
  }
}

/** The clusters to watch: the configured ones, else the embedded demo cluster. */
async function findTargets(
  config: Config,
  store: Store,
  releasers: (() => Promise<void> | void)[],
): Promise<Runtime['targets']> {
  if (!config.demo) {
    const { kubeconfig, contexts, home } = config;
    const targets = loadClusterTargets({ kubeconfig, contexts, env: process.env, home });
    if (targets.length > 0) return targets;
  }
  const past = new PastRuns();
  const demo = await startDemoCluster({ onPast: (pod, at, readLog) => past.see(pod, at, readLog) });
  releasers.push(() => demo.stop());
  await past.record(store, DEMO_ID);
  return [{ ...targetFromServer(DEMO_ID, demo.url), source: 'demo' }];
}

/** Three lines: the address, what is watched, where the history is. */
function startLines(runtime: Runtime): string {
  const { config, targets, store } = runtime;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const names = targets.map((t) =>
    t.source === 'demo'
      ? `the embedded demo cluster${config.demo ? '' : ' (no cluster is configured)'}`
      : t.server === ''
        ? `nothing yet: ${t.problem ?? t.id}`
        : `${t.id} at ${t.server}`,
  );
  const scope = config.namespaces ? `namespaces ${config.namespaces.join(', ')}` : 'all namespaces that may be seen';
  return [
    `Unloop      http://${host}:${config.port}`,
    `Watching    ${names.join(', ')}; ${scope}`,
    `History     ${store.place}`,
    '',
  ].join('\n');
}

/**
 * Starts everything once per process: configuration, store, one pipeline per cluster. A cluster that cannot be reached does
 * not stop it: the page says what failed. Ends the process with one clear line when the configuration is wrong or the
 * store cannot be opened.
 */
export async function startRuntime(): Promise<void> {
  const slot = runtimeSlot();
  if (slot.runtime || slot.starting) return;
  slot.starting = true;
  const releasers: (() => Promise<void> | void)[] = [];
  try {
    const config = readConfig(process.env);
    const store = await openStore({ databaseUrl: config.databaseUrl, dataDir: config.dataDir });
    releasers.push(() => store.close());
    const targets = await findTargets(config, store, releasers);
    const pipelines = new Map(targets.map((t) => [t.id, new ClusterPipeline(t, store, config.namespaces)]));
    const runtime: Runtime = { config, store, targets, clusters: pipelines, closers: new Set(), startedAt: Date.now() };
    slot.runtime = runtime;
    for (const pipeline of pipelines.values()) {
      releasers.push(() => pipeline.stop());
      await pipeline.start();
    }
    const prune = setInterval(
      () => background(store.prune(Date.now(), config.keepMs, config.keepBytes), 'retention'),
      PRUNE_MS,
    );
    prune.unref();
    releasers.push(() => clearInterval(prune));
    let isStopping = false;
    const stop = () => {
      // Told more than once: a terminal signals the start script and the server, and the script passes its signal on.
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
      for (const close of runtime.closers) close();
      background(
        release(releasers).then(() => process.exit(0)),
        'shutdown',
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    // The start script is gone and can pass no signal on: without it nobody would know of this server.
    process.on('disconnect', stop);
    process.stdout.write(forOutput(startLines(runtime)));
  } catch (error) {
    await release(releasers);
    const hint = error instanceof Error && 'hint' in error ? ` ${String(error.hint)}` : '';
    process.stderr.write(forOutput(`unloop: ${describeError(error)}.${hint}\n`));
    process.exit(1);
  } finally {
    slot.starting = false;
  }
}
