import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from './child';

const FILE = resolve(ROOT, 'bench/results.md');
const HEAD = `# Measured

Each figure comes from one run of \`npm run bench\` (scripts/bench.ts), those of pods against a real API server filled with made-up pods. Times on a
shared machine are worth little by themselves: compare the ratios. A block of the event loop counts everything that kept the process from
running, other processes included: an idle process beside it says how much of it was the machine.

`;

/** Writes a section into bench/results.md, in place of the one with the same heading. `lines[0]` is the heading. */
export function keepSection(lines: readonly string[]): void {
  let old = '';
  try {
    old = readFileSync(FILE, 'utf8');
  } catch {
    // The first run writes the file.
  }
  const sections = old.split(/^(?=## )/m).filter((part) => part.startsWith('## '));
  const kept = sections.filter((part) => !part.startsWith(`${lines[0]}\n`));
  mkdirSync(resolve(ROOT, 'bench'), { recursive: true });
  writeFileSync(FILE, HEAD + [...kept, `${lines.join('\n')}\n`].join(''));
}
