import { describe, expect, it } from 'vitest';
import { patchLines } from './patch-lines';

const POD = `
kind: Pod
spec:
  containers:
    - name: app
      resources:
        limits:
          memory: 128Mi
      args: ["--port", "8080"]
`;
const deployment = { kind: 'Deployment', namespace: 'shop', name: 'checkout' };
const shown = (lines: readonly { kind: string; text: string }[]) =>
  lines.map((line) => `${{ add: '+', del: '-', same: ' ' }[line.kind]}${line.text}`);

describe('patchLines', () => {
  it('shows the old value beside the new one where the pod has it', () => {
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory: '256Mi' } } }] } } },
    };
    expect(shown(patchLines({ patch, patchType: 'strategic', target: deployment }, POD))).toEqual([
      ' spec:',
      '   template:',
      '     spec:',
      '       containers:',
      '         - name: app',
      '           resources:',
      '             limits:',
      '-              memory: 128Mi',
      '+              memory: 256Mi',
    ]);
  });

  it('shows a whole new part as added', () => {
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'app', env: [{ name: 'PORT', value: '80' }] }] } } },
    };
    expect(shown(patchLines({ patch, patchType: 'strategic', target: deployment }, POD)).slice(-4)).toEqual([
      '         - name: app',
      '+          env:',
      '+            - name: PORT',
      "+              value: '80'",
    ]);
  });

  it('shows only new values where the target was not seen, and quotes what YAML would read otherwise', () => {
    const patch = { data: { FLAG: 'on', NOTE: 'a\nb' } };
    const target = { kind: 'ConfigMap', namespace: 'shop', name: 'c' };
    expect(shown(patchLines({ patch, patchType: 'merge', target }, POD))).toEqual([
      ' data:',
      "+  FLAG: 'on'",
      '+  NOTE: "a\\nb"',
    ]);
  });

  it('shows what a patch takes away', () => {
    const patch = { spec: { template: { spec: { containers: [{ name: 'app', args: null }] } } } };
    expect(shown(patchLines({ patch, patchType: 'strategic', target: deployment }, POD)).at(-1)).toBe(
      '-          args: ["--port","8080"]',
    );
  });

  it('shows a JSON patch with its place', () => {
    const patch = [
      { op: 'replace', path: '/spec/template/spec/containers/0/args/1', value: '9090' },
      { op: 'remove', path: '/spec/template/spec/containers/0/resources' },
    ];
    expect(shown(patchLines({ patch, patchType: 'json', target: deployment }, POD))).toEqual([
      ' spec.template.spec.containers.0.args:',
      "-  - '8080'",
      "+  - '9090'",
      ' spec.template.spec.containers.0:',
      '-  resources: {"limits":{"memory":"128Mi"}}',
    ]);
  });

  it('does not fail on a YAML that cannot be read', () => {
    const patch = { spec: { template: { spec: { hostNetwork: true } } } };
    expect(shown(patchLines({ patch, patchType: 'merge', target: deployment }, 'a: [b')).at(-1)).toBe(
      '+      hostNetwork: true',
    );
  });
});
