/** What a piece of a YAML line is: a key, a sign of the notation, a comment, or a value. */
export interface YamlPiece {
  readonly text: string;
  readonly tone: 'key-word' | 'sign' | 'comment' | 'value';
}

const LINE = /^(\s*)((?:- )*)(?:("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"[{&*!|>%@`-][^#]*?|-[^\s#][^#]*?)(:)(?=\s|$))?(.*)$/;

/**
 * The pieces of each YAML line, joined equal to the line. Reads the notation that Kubernetes YAML is printed in;
 * text of block scalars (`|`, `>`) is value, whatever it looks like. Good for tone, not a parser.
 */
export function toneYaml(yaml: string): readonly (readonly YamlPiece[])[] {
  let block: number | null = null;
  return yaml.split('\n').map((line) => {
    const indent = line.length - line.trimStart().length;
    if (block !== null && (line.trim() === '' || indent > block)) return [{ text: line, tone: 'value' }];
    block = null;
    if (/^\s*#/.test(line)) return [{ text: line, tone: 'comment' }];
    const match = LINE.exec(line);
    if (!match) return [{ text: line, tone: 'value' }];
    const [, space = '', dashes = '', key = '', colon = '', rest = ''] = match;
    if (/(?:^|\s)[|>][+-]?\d?\s*$/.test(rest)) block = indent + (key === '' ? 0 : dashes.length);
    const comment = /\s#.*$/.exec(
      /^\s*["']/.test(rest) ? rest.replace(/^\s*(["']).*\1/, (all) => ' '.repeat(all.length)) : rest,
    );
    const value = comment === null ? rest : rest.slice(0, comment.index);
    const pieces: YamlPiece[] = [
      { text: `${space}${dashes}`, tone: 'sign' },
      { text: key, tone: 'key-word' },
      { text: colon, tone: 'sign' },
      { text: value, tone: 'value' },
      { text: rest.slice(value.length), tone: 'comment' },
    ];
    return pieces.filter((piece) => piece.text !== '');
  });
}
