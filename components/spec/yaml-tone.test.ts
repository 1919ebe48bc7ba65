import { describe, expect, it } from 'vitest';
import { exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import { toneYaml } from './yaml-tone';

const tones = (line: string) => toneYaml(line)[0]?.map((piece) => [piece.tone, piece.text]);

describe('toneYaml', () => {
  it('tells keys, values and comments apart', () => {
    expect(tones('  - name: PORT')).toEqual([
      ['sign', '  - '],
      ['key-word', 'name'],
      ['sign', ':'],
      ['value', ' PORT'],
    ]);
    expect(tones('    value: "a # b" # kept')).toEqual([
      ['sign', '    '],
      ['key-word', 'value'],
      ['sign', ':'],
      ['value', ' "a # b"'],
      ['comment', ' # kept'],
    ]);
    expect(tones('- --port=8080')).toEqual([
      ['sign', '- '],
      ['value', '--port=8080'],
    ]);
    expect(tones('image: registry:5000/a:b')?.[0]).toEqual(['key-word', 'image']);
  });

  it('takes the text of a block scalar as value', () => {
    const [, inside, after] = toneYaml('script: |\n  key: not a key\nnext: 1');
    expect(inside).toEqual([{ text: '  key: not a key', tone: 'value' }]);
    expect(after?.[0]).toEqual({ text: 'next', tone: 'key-word' });
  });

  it('loses no character', () => {
    const yaml = `${exampleDiagnosis.spec?.yaml}\n"quoted: key": 1\n- - a\n''\n\t:\n${'a'.repeat(5000)}`;
    expect(
      toneYaml(yaml)
        .map((pieces) => pieces.map((piece) => piece.text).join(''))
        .join('\n'),
    ).toBe(yaml);
  });

  it('is quick with one long line', () => {
    const started = performance.now();
    toneYaml(`note: ${'a: '.repeat(100_000)}`);
    toneYaml('a '.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
