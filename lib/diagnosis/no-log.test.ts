import { describe, expect, test } from 'vitest';
import type { EvidenceSource, KubeObject } from './evidence-source';
import { firstVerdict } from './lines-fixture';

const METADATA = { namespace: 'shop' };
const causeOf = (...of: Parameters<typeof firstVerdict>) => firstVerdict(...of)?.cause;

function service(name: string, readyEndpoints: number, selector: object = { app: name }): KubeObject {
  return {
    metadata: { ...METADATA, name },
    spec: { selector, ports: [{ port: 6379 }] },
    readyEndpoints,
  };
}

function policy(spec: object): Pick<EvidenceSource, 'policies'> {
  return { policies: { value: [{ metadata: { ...METADATA, name: 'tight' }, spec }] } };
}

describe('a program that is given flags and exits 2 at once', () => {
  const flags = { args: ['--config=/etc/web.yaml', '--watch'] };

  test('possibly does not know one of them', () => {
    expect(firstVerdict(null, 2, flags)).toMatchObject({ cause: 'bad-argument', confidence: 'possible' });
  });

  test('is not accused where its log is held, where it exits otherwise, or where a shell ends with that code', () => {
    expect(causeOf('starting\n', 2, flags)).not.toBe('bad-argument');
    expect(causeOf(null, 1, flags)).toBe('unknown');
    expect(causeOf(null, 2, { command: ['sh', '-c', 'set -e; ls --all /nowhere'] })).toBe('unknown');
    expect(causeOf(null, 2)).toBe('unknown');
  });
});

describe('a Service that the settings name and that has no ready address', () => {
  const env = { env: [{ name: 'REDIS_URL', value: 'redis://cache:6379/0' }] };

  test('is possibly what a crash without a log is about', () => {
    const verdict = firstVerdict(null, 1, env, {}, { services: { value: [service('cache', 0)] } });
    expect(verdict).toMatchObject({ cause: 'dependency-refused', confidence: 'possible' });
    expect(verdict?.facts.map((fact) => fact.value)).toContain('redis://cache:6379/0');
  });

  test('is not where it is ready, is the one in front of the pod itself, or a log tells another story', () => {
    expect(causeOf(null, 1, env, {}, { services: { value: [service('cache', 2)] } })).toBe('unknown');
    expect(causeOf(null, 1, env, {}, { services: { value: [service('cache', 0, { app: 'web' })] } })).toBe('unknown');
    const told = 'ValueError: not enough values to unpack\n';
    expect(causeOf(told, 1, env, {}, { services: { value: [service('cache', 0)] } })).not.toBe('dependency-refused');
  });
});

describe('a network policy that lets no DNS query out', () => {
  const only = (port: number, endPort?: number) =>
    policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port, ...(endPort && { endPort }) }] }] });
  const nothing = policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] });

  test('possibly keeps a program from resolving, with a log that only says that it cannot connect, or none', () => {
    const line = 'Error connecting to http://etcd:2379\n';
    for (const parts of [only(443), nothing]) {
      expect(firstVerdict(line, 1, {}, {}, parts)).toMatchObject({ cause: 'dependency-dns', confidence: 'possible' });
      expect(firstVerdict(null, 1, {}, {}, parts)).toMatchObject({ cause: 'dependency-dns', confidence: 'possible' });
    }
  });

  test('is named beside what the resolver says', () => {
    const verdict = firstVerdict('dial tcp: lookup db on 10.96.0.10:53: i/o timeout\n', 1, {}, {}, only(5432));
    expect(verdict).toMatchObject({ cause: 'dependency-dns', confidence: 'likely' });
    expect(verdict?.sentence).toContain('NetworkPolicy tight lets no DNS query out');
  });

  test('is no reason where it selects another pod, lets port 53 out by number, range or name, or is about ingress', () => {
    const quiet = [
      policy({ podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Egress'] }),
      policy({ podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, egress: [{}] }),
      policy({ podSelector: {}, policyTypes: ['Ingress'] }),
      policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] }),
      policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'dns', protocol: 'UDP' }] }] }),
      only(53),
      only(1, 1024),
    ];
    for (const parts of quiet) expect(causeOf(null, 1, {}, {}, parts)).toBe('unknown');
  });

  test('is no reason for a program that fails in itself', () => {
    expect(causeOf('panic: runtime error: index out of range [3]\n', 2, {}, {}, nothing)).not.toBe('dependency-dns');
  });
});

describe('a mounted file that is broken', () => {
  const mount = { volumeMounts: [{ name: 'config', mountPath: '/etc/nginx' }] };
  const volumes = { volumes: [{ name: 'config', configMap: { name: 'web' } }] };
  const file = (key: string, text: string): Partial<EvidenceSource> => ({
    references: { value: [{ kind: 'ConfigMap', metadata: { ...METADATA, name: 'web' }, data: { [key]: text } }] },
  });
  const judged = (key: string, text: string) => firstVerdict(null, 1, mount, volumes, file(key, text));

  test('is named where no log is held: JSON likely, braces of nginx possibly', () => {
    expect(judged('app.json', '{"port": 8080,}')).toMatchObject({ cause: 'config-syntax', confidence: 'likely' });
    const slipped = 'http {\n  # size (default: 1k)map $a $b {\n    default off;\n  }\n}\n';
    expect(judged('nginx.conf', slipped)).toMatchObject({ cause: 'config-syntax', confidence: 'possible' });
    expect(judged('nginx.conf', 'http {\n  server {\n    listen 80;\n}\n')?.cause).toBe('config-syntax');
  });

  test('is not where it is whole, a template, of another language, or braces stand in quotes and comments', () => {
    expect(judged('app.json', '{"port": 8080}')?.cause).toBe('unknown');
    expect(judged('nginx.conf', 'http {\n  server {\n    return 200 "{";\n    # }\n  }\n}\n')?.cause).toBe('unknown');
    expect(judged('nginx.conf', 'http {\n{{ range .Servers }}server {{{ end }}\n')?.cause).toBe('unknown');
    expect(judged('vector.conf', 'sinks { out')?.cause).toBe('unknown');
  });
});
