import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { terminalText } from '@/lib/diagnosis/log/terminal-text';
import type { Verdict } from '@/lib/diagnosis/verdict';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { readCapture } from '@/server/capture/read-capture';

const HELP = `Usage: npm run corpus -- <directory> [--only even|odd] [--causes a,b,...] [--list]

Judges every capture of a directory that carries a truth.json and prints how often the first verdict is right, by cause and
by confidence, and how often it names what the truth is about. A capture that cannot be read is told and counted. Exits 1 where
a verdict is certain and wrong, or a capture cannot be read.

  --only    only the captures whose name ends in an even or an odd number
  --causes  only the captures whose true cause is one of these
  --list    one line for each capture
`;

const TruthSchema = z.object({
  /** `none` where nothing fails. */
  cause: z.enum(['none', ...CAUSE_IDS]),
  also: z.array(z.string()).default([]),
  knowable: z.enum(['full', 'partial', 'none']),
  decisive: z.array(z.string()).default([]),
  /** What a true answer names; `|` separates equals. */
  about: z.array(z.string()).default([]),
});

type Mark = 'exact' | 'also' | 'unknown' | 'wrong';
interface Judged {
  readonly name: string;
  readonly truth: z.infer<typeof TruthSchema>;
  readonly cause: string;
  readonly confidence: string;
  readonly mark: Mark;
  readonly quotes: boolean;
  /** How many of `about` the first verdict's sentence or its first fact names. */
  readonly named: number;
  readonly ms: number;
  readonly sentence: string;
}

async function judge(directory: string, name: string): Promise<Judged> {
  const file = join(directory, name, 'truth.json');
  const truth = TruthSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { sources } = await readCapture(join(directory, name));
  const [source] = sources;
  const from = performance.now();
  const best = source && diagnose(buildEvidence(source)).verdicts[0];
  const ms = performance.now() - from;
  const cause = best?.cause ?? 'none';
  const mark: Mark =
    cause === truth.cause
      ? 'exact'
      : truth.also.includes(cause)
        ? 'also'
        : cause === 'unknown' || cause === 'none'
          ? 'unknown'
          : 'wrong';
  const quotes =
    truth.decisive.length === 0 || truth.decisive.some((text) => best?.facts.some((fact) => fact.value.includes(text)));
  const named = truth.about.filter((words) => names(best, words)).length;
  return {
    name,
    truth,
    cause,
    confidence: best?.confidence ?? '-',
    mark,
    quotes,
    named,
    ms,
    sentence: best?.sentence ?? '',
  };
}

function names(verdict: Verdict | undefined, words: string): boolean {
  if (!verdict) return false;
  const [fact] = verdict.facts;
  const said = [verdict.sentence, verdict.what, fact.text, fact.value].join('\n').toLowerCase();
  return words.split('|').some((word) => said.includes(word.trim().toLowerCase()));
}

/** Prints a line that quotes what a capture says. */
function say(line: string): void {
  console.log(terminalText(line));
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${part}/${whole} (${Math.round((100 * part) / whole)} %)`;
}

function print(judged: readonly Judged[], isListed: boolean): void {
  const pad = (text: string, width: number) => text.padEnd(width);
  console.log(
    `${pad('cause', 26)}${pad('cases', 7)}${pad('exact', 7)}${pad('also', 6)}${pad('unknown', 9)}${pad('wrong', 7)}verdicts`,
  );
  const byCause = Object.entries(Object.groupBy(judged, (one) => one.truth.cause)).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [cause, list = []] of byCause) {
    const count = (mark: Mark) => String(list.filter((one) => one.mark === mark).length || '·');
    const said = list
      .map((one) => (one.mark === 'exact' ? one.confidence : `${one.cause} ${one.confidence}`))
      .join(', ');
    console.log(
      `${pad(cause, 26)}${pad(String(list.length), 7)}${pad(count('exact'), 7)}${pad(count('also'), 6)}${pad(count('unknown'), 9)}${pad(count('wrong'), 7)}${said}`,
    );
  }
  if (isListed) {
    for (const one of judged)
      say(
        `${pad(one.mark, 8)} ${one.name} ${one.truth.cause} (${one.truth.knowable}) said ${one.cause} (${one.confidence})${one.quotes ? '' : ' [decisive text not quoted]'}${one.named < one.truth.about.length ? ` [names ${one.named} of ${one.truth.about.join(', ')}]` : ''}: ${one.sentence}`,
      );
  }
  console.log('');
  for (const knowable of ['full', 'partial', 'none'] as const) {
    const list = judged.filter((one) => one.truth.knowable === knowable);
    const right = list.filter((one) => one.mark === 'exact' || one.mark === 'also').length;
    const weak = list.filter((one) => one.cause === 'unknown' || one.confidence === 'possible').length;
    console.log(
      `knowable ${pad(knowable, 8)} right ${share(right, list.length)}, of these exact ${list.filter((one) => one.mark === 'exact').length}; unknown or possible ${weak}`,
    );
  }
  for (const confidence of ['certain', 'likely', 'possible']) {
    const list = judged.filter((one) => one.confidence === confidence && one.cause !== 'unknown');
    console.log(
      `${pad(confidence, 17)} right ${share(list.filter((one) => one.mark !== 'wrong').length, list.length)}`,
    );
  }
  const about = judged.filter((one) => one.truth.about.length > 0 && one.truth.cause !== 'none');
  console.log(
    `about named       all ${share(about.filter((one) => one.named === one.truth.about.length).length, about.length)}, at least one ${share(about.filter((one) => one.named > 0).length, about.length)}`,
  );
  const count = (mark: Mark) => judged.filter((one) => one.mark === mark).length;
  const certain = judged.filter((one) => one.mark === 'wrong' && one.confidence === 'certain').length;
  console.log(
    `${judged.length} judged: exact ${share(count('exact'), judged.length)}, also ${count('also')}, unknown ${count('unknown')}, wrong ${count('wrong')} (certain ${certain})`,
  );
  console.log(`decisive text quoted ${share(judged.filter((one) => one.quotes).length, judged.length)}`);
  console.log(`slowest verdict ${Math.max(...judged.map((one) => one.ms)).toFixed(1)} ms`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, causes: { type: 'string' }, list: { type: 'boolean' } },
});
const [directory] = positionals;
if (!directory || !existsSync(directory)) {
  console.error(directory ? `corpus: ${directory}: no such directory` : HELP);
  process.exitCode = 2;
} else {
  const wanted = values.causes?.split(',');
  const listed = readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'truth.json')))
    .filter((name) => !values.only || Number(/(\d)$/.exec(name)?.[1] ?? 0) % 2 === (values.only === 'odd' ? 1 : 0));
  const judged: Judged[] = [];
  let unread = 0;
  for (const name of listed) {
    try {
      judged.push(await judge(directory, name));
    } catch (error) {
      unread += 1;
      console.error(`corpus: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const chosen = judged.filter((one) => !wanted || wanted.includes(one.truth.cause));
  print(chosen, values.list ?? false);
  const wrong = chosen.filter((one) => one.confidence === 'certain' && one.mark === 'wrong');
  for (const one of wrong) say(`WRONG AND CERTAIN ${one.name}: said ${one.cause}, is ${one.truth.cause}`);
  if (unread > 0) console.log(`NOT READ ${unread}`);
  process.exitCode = wrong.length > 0 || unread > 0 ? 1 : 0;
}
