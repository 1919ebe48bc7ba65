import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { lineOfPath, yamlLines } from './yaml-lines';

const POD = {
  metadata: { name: 'web', annotations: { 'a.b/c': 'one\ntwo: not a key\n' } },
  spec: {
    containers: [
      {
        name: 'app',
        args: ['--flag', 'x: y'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'side', resources: { limits: { memory: '64Mi' } } },
    ],
    restartPolicy: 'Always',
  },
};

describe('yamlLines', () => {
  const text = dump(POD, { lineWidth: -1, noRefs: true });
  const rows = text.split('\n');
  const at = (path: string) => rows[(lineOfPath(yamlLines(text), path) ?? 0) - 1]?.trim();

  it('finds keys in nested lists', () => {
    expect(at('spec.containers[1].resources.limits.memory')).toBe('memory: 64Mi');
    expect(at('spec.containers[0].env[1].value')).toMatch(/value: .2./);
    expect(at('spec.containers[0].env[1]')).toBe('- name: B');
    expect(at('spec.containers[0].args[1]')).toMatch(/x: y/);
    expect(at('spec.restartPolicy')).toBe('restartPolicy: Always');
  });

  it('falls back to the nearest parent and takes no text line for a key', () => {
    expect(at('spec.containers[1].resources.requests.cpu')).toBe('resources:');
    expect(yamlLines(text).has('metadata.annotations.two')).toBe(false);
    expect(lineOfPath(yamlLines(text), 'nothing.here')).toBeNull();
  });
});
