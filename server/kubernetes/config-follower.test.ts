import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WatchState } from '@/lib/domain/watch-state';
import { loadClusterTargets } from './cluster-targets';
import { KubeClient } from './kube-client';
import { FakeApiServer, sendStatus } from './testing/fake-api-server';
import { makeCertificate } from './testing/make-certificate';
import { healthyPod } from './testing/sample-objects';
import { until } from './testing/until';
import { watchCluster } from './watch-cluster';
import type { ClusterWatch } from './watch-cluster.types';

vi.setConfig({ testTimeout: 30_000 });

const oneKey = makeCertificate();
const otherKey = makeCertificate();
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Config {
  readonly server: string;
  readonly ca?: string;
  readonly token?: string;
  readonly namespace?: string;
  readonly current?: string;
  readonly beside?: string;
}

let file: string;
let one: FakeApiServer;
let other: FakeApiServer;
let client: KubeClient;
let watch: ClusterWatch;
let told: string[];
let states: WatchState[];
let log: string[];

beforeEach(async () => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'unloop-config-')), 'config');
  one = await new FakeApiServer(oneKey).start();
  other = await new FakeApiServer(otherKey).start();
  one.put('pods', healthyPod('of-one'));
  other.put('pods', healthyPod('of-other'));
  told = [];
  states = [];
  log = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => log.push(String(line)) > 0);
});

afterEach(async () => {
  await watch.stop();
  await Promise.all([one.stop(), other.stop()]);
  vi.restoreAllMocks();
});

function textOf({ server, ca = oneKey.cert, token = 't', namespace = 'shop', current = 'mine', beside = 'b' }: Config) {
  return `
current-context: ${current}
clusters:
- {name: c, cluster: {server: "${server}", certificate-authority-data: ${base64(ca)}}}
- {name: ${beside}, cluster: {server: "https://${beside}.example"}}
contexts:
- {name: mine, context: {cluster: c, user: u, namespace: ${namespace}}}
- {name: another, context: {cluster: ${beside}, user: u}}
users: [{name: u, user: {token: ${token}}}]
`;
}

/** As an editor does: written beside, and renamed. */
function write(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function begin(config: Config, contexts: readonly string[] = []): void {
  write(textOf(config));
  const [target] = loadClusterTargets({ kubeconfig: file, contexts, env: process.env, home: path.dirname(file) });
  if (!target) throw new Error('no target');
  client = new KubeClient(target);
  watch = watchCluster(
    client,
    { namespaces: null, configMs: 20 },
    {
      onPod: (before, after, origin) => told.push(`${after?.name ?? `${before?.name} gone`} ${origin}`),
      onEvent: () => undefined,
      onSynced: () => undefined,
      onState: (state) => states.push(state),
      onVersion: () => undefined,
    },
  );
}

const pods = () => watch.states().find((state) => state.resource === 'pods');
const live = async (server: FakeApiServer) => {
  await until(() => pods()?.state === 'live' && watch.states().some((state) => state.resource === 'events'));
  await until(() => server.watchers === 3);
};
const said = (words: string) => log.filter((line) => line.includes(words)).length;

it('takes up a corrected address from cold, and shows it', async () => {
  begin({ server: 'https://127.0.0.1:1' });
  await until(() => pods()?.text.includes('Nothing listens at https://127.0.0.1:1'));
  write(textOf({ server: one.url }));
  await live(one);
  expect(told).toEqual(['of-one list']);
  expect(client.server).toBe(one.url);
  expect(said(`another address (${one.url}) for context "mine": Unloop connects anew`)).toBe(1);
});

it('takes up a corrected authority from cold', async () => {
  begin({ server: one.url, ca: otherKey.cert });
  await until(() => pods()?.text.includes('is not signed by the authority that the kubeconfig names'));
  write(textOf({ server: one.url }));
  await live(one);
  expect(told).toEqual(['of-one list']);
  expect(said('another certificate authority')).toBe(1);
});

it('takes up corrected credentials at once, though a refusal is looked at again only after 30 s', async () => {
  one.intercept = (request, response) => {
    if (request.headers.authorization === 'Bearer right') return false;
    sendStatus(response, 401, 'Unauthorized', 'Unauthorized');
    return true;
  };
  begin({ server: one.url, token: 'wrong' });
  await until(() => pods()?.state === 'forbidden');
  write(textOf({ server: one.url, token: 'right' }));
  await live(one);
  expect(said('another certificate authority') + said('another address')).toBe(0);
  expect(said('other credentials')).toBe(1);
  expect(said('right')).toBe(0);
});

it('ends the pods of a cluster whose context names another one, and says so until that answers', async () => {
  begin({ server: one.url });
  await live(one);
  const from = states.length;
  write(textOf({ server: other.url, ca: otherKey.cert, token: 'other' }));
  await until(() => told.includes('of-one gone list'));
  await live(other);
  expect(told).toEqual(['of-one list', 'of-other list', 'of-one gone list']);
  expect(one.watchers).toBe(0);
  expect(states.slice(from).find(({ resource }) => resource === 'pods')).toMatchObject({
    state: 'stale',
    text: `The kubeconfig names another address (${other.url}) and another certificate authority and other credentials for context "mine": Unloop connects anew.`,
  });
  // What the old cluster goes on with is not heard.
  one.put('pods', healthyPod('late'));
  other.put('pods', healthyPod('next'));
  await until(() => told.includes('next watch'));
  expect(told).not.toContain('late watch');
});

it.each<[string, Partial<Config>]>([
  ['another cluster', { beside: 'moved' }],
  ['the current context', { current: 'another' }],
])('does not disturb a running watch by an edit of %s', async (_, edit) => {
  begin({ server: one.url }, ['mine']);
  await live(one);
  const from = states.length;
  const asked = one.requests.length;
  // The namespace is another one too, which tells that the edit was read and disturbs nothing either.
  write(`# a comment\n${textOf({ server: one.url, ...edit, namespace: 'other' })}\n\n`);
  await until(() => said('names another namespace'));
  await until(() => one.requests.slice(asked).some((each) => each.includes('selfsubjectaccessreviews')));
  expect(said('connects anew')).toBe(0);
  expect(one.requests.slice(asked).filter((each) => /pods|events/.test(each))).toEqual([]);
  expect(states.slice(from)).toEqual([]);
  expect(client.namespace).toBe('other');
});

it.each([
  ['malformed', () => write('{{{'), 'is not YAML'],
  ['empty', () => write(''), 'is missing in it'],
  ['away', () => rmSync(file), 'does not exist'],
])(
  'keeps the connection while the kubeconfig is %s, says so once, and takes up what follows',
  async (_, harm, words) => {
    begin({ server: one.url });
    await live(one);
    const from = states.length;
    harm();
    await until(() => said(words));
    one.put('pods', healthyPod('meanwhile'));
    await until(() => told.includes('meanwhile watch'));
    expect(states.slice(from)).toEqual([]);
    write(textOf({ server: other.url, ca: otherKey.cert }));
    await until(() => told.includes('of-one gone list'));
    await live(other);
    expect(said('goes on with what it read before')).toBe(1);
  },
);
