import type { Evidence } from '@/lib/diagnosis/evidence';
import { fieldFact } from '@/lib/diagnosis/facts';
import { mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Fact } from '@/lib/diagnosis/verdict';
import { shorten } from '@/lib/diagnosis/wording';
import { hasWithheld } from '@/lib/domain/redact/withheld';

export type FileFormat = 'JSON' | 'nginx';

/** A mounted file that its reader cannot accept, as it can be read here too. */
export interface BrokenFile {
  readonly format: FileFormat;
  readonly path: string;
  readonly configMap: string;
  readonly fact: Fact;
}

const LONGEST = 262_144;

/** Why a text is no JSON, or null. */
function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Why a text is no nginx configuration, or null: a closing brace without its block, or a block that is never closed. Comments and
 * quoted texts count for nothing (nginx.org/en/docs/beginners_guide.html, structure of the configuration file).
 */
function nginxFault(text: string): string | null {
  let depth = 0;
  let comment = '';
  for (const [index, line] of text.split('\n').entries()) {
    const [code, hidden] = withoutComment(line);
    for (const brace of code.replace(/"[^"]{0,2000}"|'[^']{0,2000}'/g, '').replace(/[^{}]/g, '')) {
      depth += brace === '{' ? 1 : -1;
      if (depth < 0) {
        const near = comment === '' ? '' : `; a comment before it holds one that opens a block: ${comment}`;
        return `line ${index + 1} closes a block that was never opened${near}`;
      }
    }
    if (/\{\s{0,20}$/.test(hidden)) comment = hidden.trim();
  }
  return depth === 0 ? null : `${depth} ${depth === 1 ? 'block is' : 'blocks are'} never closed`;
}

/** Code and comment of a line: a `#` begins one at the start of a word, outside quotes. */
function withoutComment(line: string): readonly [code: string, comment: string] {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '#' && /^$|[\s;{}]/.test(line[at - 1] ?? '')) return [line.slice(0, at), line.slice(at)];
  }
  return [line, ''];
}

function formatOf(key: string, text: string): FileFormat | null {
  if (key.endsWith('.json')) return 'JSON';
  const isNginx = /(?:^|[\s;}])(?:server|http|events|upstream|stream)\s{0,10}[\w.-]{0,80}\s{0,10}\{/.test(text);
  return isNginx && /nginx|\.conf$|\.conf\.template$/.test(key) ? 'nginx' : null;
}

/** A file on a mounted ConfigMap that is broken, of one of the formats. Texts of which something was withheld, and templates, cannot be judged. */
export function brokenFile(evidence: Evidence, formats: readonly FileFormat[]): BrokenFile | null {
  for (const { path } of evidence.container.mounts) {
    const covering = mountOf(evidence, path);
    const { volume, object } = covering ?? { volume: null, object: null };
    for (const [key, text] of Object.entries(object?.data ?? {})) {
      if (text.length > LONGEST || hasWithheld(text) || text.includes('{{')) continue;
      const format = formatOf(key, text);
      if (format === null || !formats.includes(format)) continue;
      const fault = format === 'JSON' ? jsonFault(text) : nginxFault(text);
      if (fault === null) continue;
      const name = object?.name ?? volume?.ref ?? '';
      const said = format === 'JSON' ? 'Read here, it is no JSON either' : 'Read here, its braces do not match';
      return {
        format,
        path: path.endsWith(`/${key}`) ? path : `${path}/${key}`,
        configMap: name,
        fact: fieldFact(`configmap/${name}[${key}]`, shorten(fault, 400), said),
      };
    }
  }
  return null;
}
