import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import type { EvidenceSource, LogText, Part } from '@/lib/diagnosis/evidence-source';
import { readCapture } from '@/server/capture/read-capture';
import { percentile, ROOT } from './child';

const LOG_BYTES = 64 * 1024;
const ROUNDS = 5;
const RULES = resolve(ROOT, 'lib/diagnosis/rules');

/** Lines of healthy programs in several forms, with words in them that rules look for. */
const ORDINARY: readonly ((n: number) => string)[] = [
  (n) =>
    `{"level":"info","ts":"2026-03-01T12:00:00Z","caller":"http/server.go:${n}","msg":"request served","path":"/api/orders/${n}","status":200,"ms":${n % 90}}`,
  (n) =>
    `2026-03-01 12:00:00.${String(n % 1000).padStart(3, '0')}  INFO 1 --- [nio-8080-exec-${n % 20}] c.e.shop.OrderController : order ${n} stored in ${n % 70} ms`,
  (n) =>
    `time="2026-03-01T12:00:00Z" level=warning msg="retrying connection" attempt=${n} error="dial tcp 10.0.0.${n % 250}:5432: i/o timeout"`,
  (n) =>
    `10.1.2.${n % 250} - - [01/Mar/2026:12:00:00 +0000] "GET /missing/${n} HTTP/1.1" 404 153 "-" "kube-probe/1.34"`,
  (n) =>
    `W0301 12:00:00.000000       1 reflector.go:${n}] watch of *v1.Pod ended with: an error on the server ("unable to decode an event")`,
  (n) =>
    `[2026-03-01 12:00:00,000] INFO [Log partition=orders-${n % 12}] Rolled new log segment at offset ${n} in ${n % 9} ms. (kafka.log.Log)`,
];

function filled(log: Part<LogText>): Part<LogText> {
  if (!('value' in log)) return log;
  const own = log.value.head + log.value.tail;
  const lines: string[] = [];
  for (let n = 0, size = own.length; ; n++) {
    const line = ORDINARY[n % ORDINARY.length]?.(n) ?? '';
    size += line.length + 1;
    if (size > LOG_BYTES) break;
    lines.push(line);
  }
  return { value: { head: `${lines.join('\n')}\n${own}`, tail: '', skippedLines: 0, stamped: false } };
}

/** The firing fixtures of every rule, each with two logs of 64 KiB: ordinary lines, then its own. */
export async function sources(): Promise<readonly EvidenceSource[]> {
  const found: EvidenceSource[] = [];
  for (const rule of readdirSync(RULES)) {
    for (const fixture of readdirSync(resolve(RULES, rule)).filter((name) => name.startsWith('fires.'))) {
      const [source] = (await readCapture(resolve(RULES, rule, fixture))).sources;
      if (!source || !('value' in source.previousLog)) continue;
      const log = filled(source.previousLog);
      found.push({ ...source, previousLog: log, firstLog: log });
    }
  }
  return found;
}

/** Measures evidence and verdict of one loop with two logs of 64 KiB; gives the section for bench/results.md. */
export async function verdictSection(): Promise<readonly string[]> {
  const all = await sources();
  const judge = (source: EvidenceSource) => {
    const began = performance.now();
    diagnose(buildEvidence(source));
    return performance.now() - began;
  };
  const first = all.slice(0, 1).map(judge)[0] ?? Number.NaN;
  for (const source of all) judge(source);
  const ms: number[] = [];
  for (let round = 0; round < ROUNDS; round++) for (const source of all) ms.push(judge(source));
  const at = (share: number) => `${percentile(ms, share).toFixed(1)} ms`;
  return [
    '## Verdict of one loop with 2 × 64 KiB of log',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}; ${all.length} loops, ${ROUNDS} times each; load average ${(loadavg()[0] ?? 0).toFixed(1)}.`,
    '',
    '| What | Measured | Budget |',
    '|---|---|---|',
    `| evidence and verdict, p50, p95, p99 | ${at(0.5)}, ${at(0.95)}, ${at(0.99)} | 20 ms |`,
    `| slowest | ${at(1)} | |`,
    `| the first of a process, before anything is compiled | ${first.toFixed(0)} ms | |`,
    '',
    'Command: `npm run bench -- --verdict`',
    '',
  ];
}
