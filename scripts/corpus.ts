import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { readCapture } from '@/server/capture/read-capture';

const HELP = `Usage: npm run corpus -- <directory> [--only even|odd] [--causes a,b,...] [--list]

Judges every capture of a directory that carries a truth.json and prints how often the first verdict is right, by cause and
by confidence. Exits 1 where a verdict is certain and wrong.

  --only    only the captures whose name ends in an even or an odd number
  --causes  only the captures whose true cause is one of these
  --list    one line for each capture
`;

const TruthSchema = z.object({
  cause: z.enum(CAUSE_IDS as unknown as readonly [string, ...string[]]),
  also: z.array(z.string()).default([]),
  knowable: z.enum(['full', 'partial', 'none']),
  decisive: z.array(z.string()).default([]),
});

type Mark = 'exact' | 'also' | 'unknown' | 'wrong';
interface Judged {
  readonly name: string;
  readonly truth: z.infer<typeof TruthSchema>;
  readonly cause: string;
  readonly confidence: string;
  readonly mark: Mark;
  readonly quotes: boolean;
  readonly ms: number;
  readonly sentence: string;
}

async function judge(directory: string, name: string): Promise<Judged> {
  const file = join(directory, name, 'truth.json');
  const truth = TruthSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { sources } = await readCapture(join(directory, name));
  const [source] = sources;
  if (!source) throw new Error(`${name}: nothing fails in it`);
  const from = performance.now();
  const [best] = diagnose(buildEvidence(source)).verdicts;
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
  return { name, truth, cause, confidence: best?.confidence ?? '-', mark, quotes, ms, sentence: best?.sentence ?? '' };
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
      console.log(
        `${pad(one.mark, 8)} ${one.name} ${one.truth.cause} (${one.truth.knowable}) said ${one.cause} (${one.confidence})${one.quotes ? '' : ' [decisive text not quoted]'}: ${one.sentence}`,
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
  const names = readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'truth.json')))
    .filter((name) => !values.only || Number(/(\d)$/.exec(name)?.[1] ?? 0) % 2 === (values.only === 'odd' ? 1 : 0));
  const judged: Judged[] = [];
  for (const name of names) judged.push(await judge(directory, name));
  const chosen = judged.filter((one) => !wanted || wanted.includes(one.truth.cause));
  print(chosen, values.list ?? false);
  const wrong = chosen.filter((one) => one.confidence === 'certain' && one.mark === 'wrong');
  for (const one of wrong) console.log(`WRONG AND CERTAIN ${one.name}: said ${one.cause}, is ${one.truth.cause}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
