import 'server-only';
import { loadClusterTargets, targetFromServer } from '@/server/kubernetes/cluster-targets';
import { inWords } from '@/server/kubernetes/kube-error';
import { type Config, readConfig } from './config';
import { startDemoCluster } from './demo/start-demo-cluster';
import { answeredHosts, isLoopback } from './edge/hosts';
import { background, describeError, forOutput, logLine } from './log';
import { ClusterPipeline } from './pipeline/cluster-pipeline';
import { PastRuns } from './pipeline/past-runs';
import { type Runtime, runtimeSlot } from './runtime-slot';
import { openStorePatiently } from './store/open-store';
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

/** The configured clusters; none where the embedded demo cluster is to be watched. */
function configuredTargets(config: Config): Runtime['targets'] {
  if (config.demo) return [];
  const { kubeconfig, contexts, home } = config;
  return loadClusterTargets({ kubeconfig, contexts, env: process.env, home });
}

/** Starts the embedded demo cluster and tells the history its past. */
async function startDemo(store: Store, releasers: (() => Promise<void> | void)[]): Promise<Runtime['targets']> {
  const past = new PastRuns();
  const demo = await startDemoCluster({ onPast: (pod, at, readLog) => past.see(pod, at, readLog) });
  releasers.push(() => demo.stop());
  const record = () => past.record(store, DEMO_ID);
  if (store.waiting() === null) await record();
  else background(store.whenOpen().then(record), 'past of the demo cluster');
  return [{ ...targetFromServer(DEMO_ID, demo.url), source: 'demo' }];
}

/** Opens the history. One that cannot be reached yet is said on stdout and tried again; the pages and `/readyz` say so too. */
async function openHistory(config: Config, isDemo: boolean): Promise<Store> {
  const inMemory = isDemo && !config.isDataDirChosen;
  let isWaiting = false;
  const store = await openStorePatiently(
    {
      databaseUrl: config.databaseUrl,
      dataDir: inMemory ? null : config.dataDir,
      ...(inMemory ? { whyMemory: 'the demo cluster starts anew each time' } : {}),
    },
    (error) => {
      isWaiting = true;
      process.stdout.write(`History     not open yet: ${inWords(error)}\n`);
    },
  );
  if (isWaiting) {
    background(
      store.whenOpen().then(() => process.stdout.write(`History     ${store.place}: open\n`)),
      'history',
    );
  }
  return store;
}

/** The address, the hosts it answers to where others than this machine can reach it, what is watched, where the history is. */
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
  const hosts = [...answeredHosts(process.env)].join(', ');
  return [
    `Unloop      http://${host}:${config.port}`,
    ...(isLoopback(config.host)
      ? []
      : [`Answers to  ${hosts}; names in UNLOOP_ALLOWED_HOSTS are added, others refused`]),
    `Watching    ${names.join(', ')}; ${scope}`,
    `History     ${store.place}${store.waiting() === null ? '' : ' (not open yet, see above)'}`,
    '',
  ].join('\n');
}

/**
 * Starts everything once per process: configuration, store, one pipeline per cluster. A cluster that cannot be reached does
 * not stop it: the page says what failed. Nor does a history that may open later. Ends the process with one clear line when the
 * configuration is wrong or the history will never open.
 */
export async function startRuntime(): Promise<void> {
  const slot = runtimeSlot();
  if (slot.runtime || slot.starting) return;
  slot.starting = true;
  const releasers: (() => Promise<void> | void)[] = [];
  try {
    const config = readConfig(process.env);
    const configured = configuredTargets(config);
    const store = await openHistory(config, configured.length === 0);
    releasers.push(() => store.close());
    const targets = configured.length > 0 ? configured : await startDemo(store, releasers);
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
