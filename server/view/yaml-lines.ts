/** Maps paths such as `spec.containers[0].resources.limits.memory` to lines (from 1) of a block-style YAML text. */
export type YamlLines = ReadonlyMap<string, number>;

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:#][^:]*):(?:\s|$)/;

function unquote(key: string): string {
  return /^["']/.test(key) ? key.slice(1, -1) : key;
}

interface Frame {
  readonly indent: number;
  readonly path: string;
  /** Next list index at this frame, where it holds a list. */
  items: number;
}

/** Reads the line of every path of a text written by js-yaml in block style. Lines of multi-line strings name no path. */
export function yamlLines(yaml: string): YamlLines {
  const lines = new Map<string, number>();
  const stack: Frame[] = [{ indent: -1, path: '', items: 0 }];
  let textIndent: number | null = null;
  for (const [number, raw] of yaml.split('\n').entries()) {
    const indent = raw.length - raw.trimStart().length;
    if (textIndent !== null) {
      if (raw.trim() === '' || indent > textIndent) continue;
      textIndent = null;
    }
    let rest = raw.trimStart();
    let column = indent;
    if (rest === '') continue;
    while (rest.startsWith('- ') || rest === '-') {
      while ((stack.at(-1)?.indent ?? -1) > column) stack.pop();
      let holder = stack.at(-1) as Frame;
      // js-yaml writes list items at their key's own column: the key's frame holds the list.
      if (holder.indent === column && holder.path.endsWith(']')) {
        stack.pop();
        holder = stack.at(-1) as Frame;
      }
      const path = `${holder.path}[${holder.items++}]`;
      lines.set(path, number + 1);
      stack.push({ indent: column + 1, path, items: 0 });
      rest = rest.slice(2).trimStart();
      column = raw.length - rest.length;
    }
    const key = KEY.exec(rest);
    if (!key?.[1]) continue;
    while ((stack.at(-1)?.indent ?? -1) >= column) stack.pop();
    const parent = stack.at(-1)?.path ?? '';
    const path = parent === '' ? unquote(key[1]) : `${parent}.${unquote(key[1])}`;
    lines.set(path, number + 1);
    stack.push({ indent: column, path, items: 0 });
    if (/:\s+[|>][+-]?\d*\s*$/.test(rest)) textIndent = column;
  }
  return lines;
}

/** The line of a path, or of its nearest parent that has one, or null. */
export function lineOfPath(lines: YamlLines, path: string): number | null {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]+|\[[^\]]*\])$/, '')) {
    const line = lines.get(at);
    if (line !== undefined) return line;
    if (!/[.[]/.test(at)) break;
  }
  return null;
}
