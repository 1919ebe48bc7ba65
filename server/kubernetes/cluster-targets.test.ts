import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ClusterTarget, loadClusterTargets, type TargetOptions, targetFromServer } from './cluster-targets';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'unloop-home-'));
});

const config = (names: readonly string[], current: string, port = 6443) => `
apiVersion: v1
kind: Config
current-context: ${JSON.stringify(current)}
clusters: [${names.map((name) => `{name: "${name}", cluster: {server: "https://${name.replace(/\W/g, '')}.example:${port}/", certificate-authority: ca.crt}}`).join(', ')}]
contexts: [${names.map((name) => `{name: "${name}", context: {cluster: "${name}", user: "${name}", namespace: "team"}}`).join(', ')}]
users: [${names.map((name) => `{name: "${name}", user: {client-certificate: me.crt, client-key: me.key}}`).join(', ')}]
`;

function write(name: string, content: string): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const load = (options: Partial<Omit<TargetOptions, 'env'>> & { env?: Record<string, string> }, accountDir?: string) =>
  loadClusterTargets(
    { kubeconfig: null, contexts: [], home, ...options, env: { NODE_ENV: 'test', ...options.env } },
    accountDir ?? path.join(home, 'no-account'),
  );
const brief = (targets: readonly ClusterTarget[]) =>
  targets.map((target) => [target.id, target.server, target.problem]);

describe('where the configuration comes from', () => {
  it('is nothing at all: no target, so that the demo may start', () => {
    expect(load({})).toEqual([]);
  });

  it.for(['', 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\ncurrent-context: ""\n'])(
    'is nothing at all where a tool left an empty ~/.kube/config behind: %j',
    (content) => {
      write('.kube/config', content);
      expect(load({})).toEqual([]);
      expect(load({ contexts: ['prod'] })[0]?.problem).toContain('"prod" is not complete');
    },
  );

  it('is ~/.kube/config', () => {
    write('.kube/config', config(['home'], 'home'));
    expect(brief(load({}))).toEqual([['home', 'https://home.example:6443', null]]);
  });

  it('is KUBECONFIG before ~/.kube/config, --kubeconfig before both', () => {
    write('.kube/config', config(['home'], 'home'));
    const env = write('env', config(['env'], 'env'));
    const flag = write('flag', config(['flag'], 'flag'));
    expect(load({ env: { KUBECONFIG: env } })[0]?.id).toBe('env');
    expect(load({ env: { KUBECONFIG: env }, kubeconfig: flag })[0]?.id).toBe('flag');
  });

  it('is the service account inside a pod, even where a stray home config lies about', () => {
    write('.kube/config', config(['home'], 'home'));
    write('account/token', 'secret');
    write('account/namespace', 'tools\n');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const [target] = load({ env }, path.join(home, 'account'));
    expect(target).toMatchObject({
      id: 'in-cluster',
      source: 'in-cluster',
      server: 'https://[fd00::1]:443',
      namespace: 'tools',
    });
  });
});

describe('contexts', () => {
  it('are the current one, or each that was asked for, with ids fit for a URL', () => {
    const eks = 'arn:aws:eks:eu-west-1:1:cluster/Prod';
    const file = write('config', config(['dev', eks, 'arn:aws:eks:eu-west-1:1:cluster:prod'], 'dev'));
    expect(load({ kubeconfig: file }).map((target) => target.id)).toEqual(['dev']);
    const several = load({ kubeconfig: file, contexts: [eks, 'arn:aws:eks:eu-west-1:1:cluster:prod', 'dev'] });
    expect(several.map((target) => target.id)).toEqual([
      'arn-aws-eks-eu-west-1-1-cluster-prod',
      'arn-aws-eks-eu-west-1-1-cluster-prod-2',
      'dev',
    ]);
    expect(several.map((target) => target.namespace)).toEqual(['team', 'team', 'team']);
    expect(several[2]?.kubeConfig?.cluster.caFile).toBe(path.join(home, 'ca.crt'));
  });

  it('of several files are merged, and the first file wins', () => {
    const first = write('one/config', config(['a'], 'a', 1));
    const second = write('two/config', config(['a', 'b'], 'b', 2));
    const env = { KUBECONFIG: `${first}${path.delimiter}${second}` };
    expect(brief(load({ env }))).toEqual([['a', 'https://a.example:1', null]]);
    const [, b] = load({ env, contexts: ['a', 'b'] });
    expect(b?.server).toBe('https://b.example:2');
    expect(b?.kubeConfig?.user.certFile).toBe(path.join(home, 'two', 'me.crt'));
  });

  it("without a user still get the cluster's certificate authority", () => {
    const file = write('config', config(['a'], 'a').replace(', user: "a"', ''));
    const [target] = load({ kubeconfig: file });
    expect(target?.problem).toBeNull();
    expect(target?.kubeConfig?.cluster.caFile).toBe(path.join(home, 'ca.crt'));
  });
});

describe('what is wrong is said with place and remedy, never thrown', () => {
  it.each([
    ['a missing file', null, /config \(--kubeconfig\) does not exist\. Correct the path/],
    ['no YAML', '{{{', /is not YAML: .*\. Check it with: kubectl config view --kubeconfig/],
    ['something else', 'clusters: 7', /is not a kubeconfig: clusters:/],
    ['no server', 'clusters: [{name: a, cluster: {}}]', /is not a kubeconfig: clusters\.0\.cluster\.server/],
    ['no current context', config(['a', 'b'], ''), /No current context is set in .*--context; it knows a, b/],
    ['a context without cluster', config(['a'], 'b'), /Context "b" is not complete .* Known contexts: a/],
    ['an empty file', '', /No context is set up in .*Log in/],
  ])('%s', (_, content, problem) => {
    const file = content === null ? path.join(home, 'config') : write('config', content);
    const targets = load({ kubeconfig: file });
    expect(targets).toHaveLength(1);
    expect(targets[0]?.problem).toMatch(problem);
    expect(targets[0]).toMatchObject({ kubeConfig: null, source: 'kubeconfig' });
  });

  it('an unknown context beside a good one', () => {
    const file = write('config', config(['a'], 'a'));
    const targets = load({ kubeconfig: file, contexts: ['a', 'nope'] });
    expect(targets.map((target) => [target.id, target.problem === null])).toEqual([
      ['a', true],
      ['nope', false],
    ]);
  });

  it('a context that was asked for where there is no kubeconfig at all', () => {
    expect(load({ contexts: ['prod'] })[0]?.problem).toMatch(/"prod" was asked for, but there is no kubeconfig/);
  });
});

it('reads the configuration again on request', () => {
  const file = write('config', config(['a'], 'a', 1));
  const [target] = load({ kubeconfig: file });
  write('config', config(['a'], 'a', 2));
  expect(target?.reload?.()?.cluster.server).toBe('https://a.example:2');
});

it('reads a configuration with a problem again, until it was corrected', () => {
  const file = write('config', '{{{');
  const [broken] = load({ kubeconfig: file });
  expect(broken?.again?.()?.problem).toMatch(/is not YAML/);
  write('config', config(['a'], 'a', 1));
  const mended = broken?.again?.();
  expect(mended).toMatchObject({ id: broken?.id, problem: null, server: 'https://a.example:1' });
  expect(mended?.kubeConfig).not.toBeNull();
});

it('makes a target of a plain server', () => {
  const target = targetFromServer('demo', 'http://127.0.0.1:4000');
  expect(target).toMatchObject({ id: 'demo', source: 'demo', server: 'http://127.0.0.1:4000', problem: null });
  expect(target.kubeConfig?.cluster.skipTLSVerify).toBe(true);
});
