import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { besideIdle, measure, median, percentile } from '@/bench/child';
import { evidenceSection } from '@/bench/evidence';
import { historySection } from '@/bench/history';
import { type Latencies, measureLatency } from '@/bench/latency';
import { keepSection } from '@/bench/results-file';
import { type Probe, startServer } from '@/bench/server-run';
import { verdictSection } from '@/bench/verdict';

/**
 * Measures Unloop against a bare paginated JSON list of the same pods, alternating, in one run: absolute times say little on a shared
 * machine, ratios do. Writes a section of bench/results.md, one per number of pods. With `--history` it measures the store instead:
 * a made-up month of loops on each engine; with `--verdict` the rules,
 * with `--evidence` what records of evidence take.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    streams: { type: 'string', default: '20' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '20' },
    steady: { type: 'string', default: '60' },
    'no-server': { type: 'boolean', default: false },
    history: { type: 'boolean', default: false },
    verdict: { type: 'boolean', default: false },
    evidence: { type: 'boolean', default: false },
    captures: { type: 'string' },
    loops: { type: 'string', default: '2000' },
    days: { type: 'string', default: '30' },
    crashes: { type: 'string', default: '500' },
  },
});
if (values.history || values.verdict || values.evidence) {
  const size = { loops: Number(values.loops), days: Number(values.days), crashesPerLoop: Number(values.crashes) };
  const say = (line: string) => console.log(line);
  const section = values.verdict
    ? await verdictSection()
    : values.evidence
      ? await evidenceSection(size.loops, values.captures, say)
      : await historySection(size, say);
  keepSection(section);
  console.log(section.join('\n'));
  process.exit(0);
}
if (!process.env.KUBECONFIG) {
  console.error('bench: set KUBECONFIG to a cluster with many pods; its failing pods will be changed.');
  process.exit(2);
}
const rounds = Number(values.rounds);
const MB = 1024 * 1024;
const mb = (bytes: number) => `${Math.round(bytes / MB)} MB`;
const s = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const load = () => (loadavg()[0] ?? 0).toFixed(1);

interface Round {
  readonly list: Readonly<Record<string, number | null>>;
  readonly reflector: Readonly<Record<string, number | null>>;
  readonly server: {
    boardMs: number;
    boardBytes: number;
    loops: number;
    loadBlockMs: number;
    first: Probe;
  } | null;
  readonly idleBlockMs: number;
  readonly serverIdleBlockMs: number | null;
  readonly load: string;
}

const results: Round[] = [];
let steady: Probe | null = null;
let latency: Latencies | null = null;
let busy: Probe | null = null;
let busyIdleBlockMs: number | null = null;
for (let round = 1; round <= rounds; round++) {
  const list = await measure('list-child.ts');
  console.log(`round ${round}: bare list ${s(num(list.ms))}, ${list.pods} pods`);
  const { result: reflector, idleBlockMs } = await besideIdle(() => measure('reflector-child.ts'));
  console.log(`round ${round}: reflector ${s(num(reflector.ms))}, block ${num(reflector.blockMs).toFixed(0)} ms`);
  let server: Round['server'] = null;
  let serverIdleBlockMs: number | null = null;
  if (!values['no-server']) {
    const started = await besideIdle(() => startServer(num(list.pods)));
    const run = started.result;
    serverIdleBlockMs = started.idleBlockMs;
    try {
      const first = await run.reset();
      server = {
        boardMs: run.boardMs,
        boardBytes: run.boardBytes,
        loops: run.board.loops.length,
        loadBlockMs: run.loadBlockMs,
        first,
      };
      console.log(`round ${round}: first board ${s(run.boardMs)}, ${run.board.loops.length} loops, ${mb(first.rss)}`);
      if (round === rounds) {
        await sleep(Number(values.steady) * 1000);
        const now = run.probe();
        steady = now;
        console.log(`steady: ${mb(now.rss)}, longest block since the board ${now.blockMs.toFixed(0)} ms`);
        await run.reset();
        const measured = await besideIdle(() =>
          measureLatency(run, {
            streams: Number(values.streams),
            rate: Number(values.rate),
            seconds: Number(values.seconds),
          }),
        );
        latency = measured.result;
        const { ms } = measured.result;
        busyIdleBlockMs = measured.idleBlockMs;
        busy = await run.reset();
        console.log(
          `change to row: p50 ${percentile(ms, 0.5).toFixed(0)} ms, p95 ${percentile(ms, 0.95).toFixed(0)} ms`,
        );
      }
    } finally {
      await run.stop();
    }
  }
  results.push({ list, reflector, server, idleBlockMs, serverIdleBlockMs, load: load() });
}
write();

function num(value: number | null | undefined): number {
  return value ?? Number.NaN;
}

/** Median over the rounds of a figure. */
function mid(pick: (round: Round) => number | null | undefined): number {
  return median(results.map((round) => num(pick(round))));
}

function write(): void {
  const pods = num(results[0]?.list.pods);
  const ratio = (pick: (round: Round) => number | null | undefined) =>
    results.map((round) => (num(pick(round)) / num(round.list.ms)).toFixed(2)).join(', ');
  const lines = [
    `## ${pods.toLocaleString('en-US')} pods`,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${Math.round(totalmem() / MB / 1024)} GiB, Node ${process.versions.node}; ${rounds} rounds, alternating; load average ${results.map((round) => round.load).join(', ')}.`,
    '',
    '| What | Median | To the bare list, by round | Budget |',
    '|---|---|---|---|',
    `| bare paginated JSON list, JSON.parse, nothing kept | ${s(mid((r) => r.list.ms))}, ${mb(mid((r) => r.list.rssPeak))} | 1 | |`,
    `| reflector alone, every pod known | ${s(mid((r) => r.reflector.ms))} | ${ratio((r) => r.reflector.ms)} | |`,
    `| reflector alone, first failing pod known | ${s(mid((r) => r.reflector.firstFailingMs))} | ${ratio((r) => r.reflector.firstFailingMs)} | |`,
    `| reflector alone, growth of the heap per pod | ${Math.round(mid((r) => (num(r.reflector.heapUsed) - num(r.reflector.heapBefore)) / num(r.reflector.pods)))} bytes | | 1 KB per healthy pod |`,
    `| reflector alone, memory before and 5 s after | ${mb(mid((r) => r.reflector.rssBefore))}, ${mb(mid((r) => r.reflector.rssSteady))} | | |`,
    `| reflector alone, longest block of the event loop | ${mid((r) => r.reflector.blockMs).toFixed(0)} ms (an idle process beside it: ${mid((r) => r.idleBlockMs).toFixed(0)} ms) | | 50 ms |`,
  ];
  if (results.some((round) => round.server)) {
    lines.push(
      `| server, process start to first complete board over HTTP (${results[0]?.server?.loops} loops) | ${s(mid((r) => r.server?.boardMs))} | ${ratio((r) => r.server?.boardMs)} | 0.6 |`,
      `| server, longest block from its first answer until then | ${mid((r) => r.server?.first.blockMs).toFixed(0)} ms (idle: ${mid((r) => r.serverIdleBlockMs).toFixed(0)} ms) | | 50 ms |`,
      `| server, longest block before its first answer, modules loading | ${mid((r) => r.server?.loadBlockMs).toFixed(0)} ms | | |`,
      `| server, board compressed | ${Math.round(mid((r) => r.server?.boardBytes) / 1024)} KB | | 100 KB at 500 loops |`,
    );
  }
  if (steady)
    lines.push(
      `| server, memory ${values.steady} s later | ${mb(steady.rss)} (peak ${mb(Math.max(steady.rssPeak, num(results.at(-1)?.server?.first.rssPeak)))}) | | 300 MB |`,
      `| server, longest block in these ${values.steady} s | ${steady.blockMs.toFixed(0)} ms | | 50 ms |`,
    );
  if (latency && busy) {
    const at = (share: number) => `${percentile(latency?.ms ?? [], share).toFixed(0)} ms`;
    lines.push(
      `| status change to row, ${values.streams} streams, ${values.rate} changes/s | p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}; ${latency.lost} of ${latency.writeMs.length} lost; of it the API server's write p50 ${percentile(latency.writeMs, 0.5).toFixed(0)} ms | | p95 250 ms |`,
      `| server, longest block meanwhile | ${busy.blockMs.toFixed(0)} ms (idle: ${num(busyIdleBlockMs).toFixed(0)} ms) | | 50 ms |`,
    );
  }
  lines.push('', `Command: \`KUBECONFIG=<cluster> npm run bench -- --rounds ${rounds}\``, '');
  keepSection(lines);
  console.log(lines.join('\n'));
}
