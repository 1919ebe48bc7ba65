import { expect, test } from 'vitest';
import { buildEvidence } from './build-evidence';
import { diagnose } from './diagnose';

const SIZE = 64 * 1024;
/** Pieces that tempt a pattern into trying again from every place. */
const PIECES = [
  'a',
  ' ',
  '\t',
  '/',
  '.',
  ':',
  '-',
  '_',
  '=',
  '"',
  "'",
  '\\',
  '(',
  '[',
  '{',
  '{"',
  '{"a":',
  'A_',
  'AB_CD',
  'x.Y',
  'a/b',
  'a.b.c.D: ',
  'error: ',
  'Error: ',
  'failed to open ',
  'no such file or directory ',
  'cannot find ',
  'missing ',
  'required ',
  'environment variable ',
  'connection refused ',
  'could not connect to ',
  '10.0.0.1:80 ',
  'http://a:b',
  'lookup a on b ',
  ' at a(',
  'Caused by: ',
  'Traceback (most recent call last):',
  'panic: ',
  "thread '",
  ' ---> ',
  'at /a:1:1',
  'level=error msg="',
  'err="\\"',
  '2026-03-01T11:58:59Z ',
  '[ERROR] ',
  'E0301 ',
  '\u001b[31m',
  '\u001b]',
  '\u0000',
  'é',
  '💥',
  'unknown flag ',
  '--a',
  'exec: "',
  "KeyError: '",
];

/** A small generator of numbers, so that each run tries the same texts. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function nasty(seed: number, kind: number): string {
  const next = numbers(seed);
  const pick = () => PIECES[Math.floor(next() * PIECES.length)] ?? 'a';
  const one = pick();
  const two = pick();
  let text = '';
  while (text.length < SIZE) {
    if (kind === 0) text += one;
    else if (kind === 1) text += one + two;
    else if (kind === 2) text += `${(one + two).repeat(40)}\n`;
    else text += next() < 0.08 ? '\n' : pick();
  }
  return text.slice(0, SIZE);
}

function judgeMs(head: string, tail: string): number {
  const evidence = buildEvidence({
    now: 0,
    cluster: 'test',
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'web',
    pod: {
      metadata: { namespace: 'shop', name: 'web-1' },
      spec: { containers: [{ name: 'web', command: ['sh', '-c', 'run'] }] },
      status: {
        containerStatuses: [
          {
            name: 'web',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, reason: 'Error' } },
          },
        ],
      },
    },
    runs: [],
    previousLog: { value: { head, tail, skippedLines: 9, stamped: false } },
    currentLog: { missing: '' },
    firstLog: { missing: '' },
    events: { value: [] },
    node: { missing: '' },
    siblings: { missing: '' },
    owner: { missing: '' },
    revisions: { missing: '' },
    references: { missing: '' },
    services: { missing: '' },
    claims: { missing: '' },
    policies: { missing: '' },
  });
  // Time of the processor and not of the clock, so that a busy machine fails nobody.
  const from = process.cpuUsage();
  diagnose(evidence);
  const used = process.cpuUsage(from);
  return (used.user + used.system) / 1000;
}

test('no log makes a verdict slow', () => {
  for (let seed = 0; seed < 12; seed += 1) judgeMs(nasty(seed, seed % 4), nasty(seed + 1, seed % 4));
  const times = Array.from({ length: 64 }, (_value, index) => {
    const seed = 1000 + index * 7;
    return { ms: judgeMs(nasty(seed, index % 4), nasty(seed + 3, index % 4)), seed, kind: index % 4 };
  }).toSorted((a, b) => a.ms - b.ms);
  const median = times[Math.floor(times.length / 2)];
  const worst = times.at(-1);
  expect(median?.ms).toBeLessThan(120);
  expect(worst, `seed ${worst?.seed}, kind ${worst?.kind}`).toMatchObject({
    ms: expect.toSatisfy((ms: number) => ms < 600),
  });
}, 120_000);
