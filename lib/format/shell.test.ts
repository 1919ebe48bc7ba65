import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellJoin, shellQuote } from './shell';

test.each(['plain', 'a b', "it's", '$(id)', '`id`', '', '{"a":"b"}', 'x;y', '\\', '*', 'é', '-p'])(
  'a shell reads %j back as it was',
  (word) => {
    const printed = execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' });
    expect(printed).toBe(word);
  },
);

test('harmless words stay bare', () => {
  expect(shellJoin(['kubectl', '-n', 'shop', 'get', 'pods', '--image=registry.example/a:1'])).toBe(
    'kubectl -n shop get pods --image=registry.example/a:1',
  );
});
