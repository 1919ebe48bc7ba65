import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { loadAll } from 'js-yaml';
import { Agent, fetch } from 'undici';
import { z } from 'zod';

/** A pod as `kubectl get pods` prints it: the API server computes the words. */
export interface TableRow {
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  /** As printed: `13 (4m ago)`. */
  readonly restarts: string;
}

/** Direct access to the test cluster, beside Unloop, as the measure of what is true. */
export interface Kube {
  readonly server: string;
  /** Sends one request and gives the parsed JSON. Throws with the server's message where it is no success. */
  request(method: string, path: string, options?: RequestOptions): Promise<unknown>;
  close(): Promise<void>;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly accept?: string;
  readonly contentType?: string;
}

const ObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type KubeObject = z.infer<typeof ObjectSchema>;

const CLUSTER_SCOPED = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'RuntimeClass', 'PersistentVolume']);
const IRREGULAR: Readonly<Record<string, string>> = { RuntimeClass: 'runtimeclasses' };

function bytes(data: string | undefined, file: string | undefined): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  return file ? readFileSync(file) : undefined;
}

/** Connects with the current context of a kubeconfig; certificates and static tokens only. Throws where it has no server. */
export function connect(kubeconfig: string): Kube {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!cluster || !user) throw new Error(`${kubeconfig} has no current cluster and user`);
  const ca = bytes(cluster.caData, cluster.caFile);
  const cert = bytes(user.certData, user.certFile);
  const key = bytes(user.keyData, user.keyFile);
  const dispatcher = new Agent({ connect: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } });
  return {
    server: cluster.server,
    async request(method, path, options = {}) {
      const response = await fetch(cluster.server + path, {
        method,
        dispatcher,
        headers: {
          accept: options.accept ?? 'application/json',
          'content-type': options.contentType ?? 'application/json',
          ...(user.token && { authorization: `Bearer ${user.token}` }),
        },
        ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
        signal: AbortSignal.timeout(15_000),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
      return text === '' ? null : JSON.parse(text);
    },
    close: () => dispatcher.close(),
  };
}

function collectionOf(object: KubeObject): string {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = IRREGULAR[kind] ?? `${kind.toLowerCase()}s`;
  return CLUSTER_SCOPED.has(kind)
    ? `${root}/${plural}`
    : `${root}/namespaces/${metadata.namespace ?? 'default'}/${plural}`;
}

/** Applies each document of a manifest on the server's side, in order; applied before it changes nothing. */
export async function applyManifest(kube: Kube, yaml: string): Promise<void> {
  for (const document of loadAll(yaml)) {
    const object = ObjectSchema.parse(document);
    await kube.request('PATCH', `${collectionOf(object)}/${object.metadata.name}?fieldManager=unloop-e2e&force=true`, {
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
  }
}

const TableSchema = z.object({
  columnDefinitions: z.array(z.object({ name: z.string() })),
  rows: z.array(
    z.object({
      cells: z.array(z.unknown()),
      object: z.object({ metadata: z.object({ name: z.string(), namespace: z.string() }) }),
    }),
  ),
});

/** What `kubectl get pods --all-namespaces` prints at this moment; `fieldSelector` as kubectl's `--field-selector`. */
export async function podTable(kube: Kube, fieldSelector = ''): Promise<readonly TableRow[]> {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = TableSchema.parse(
    await kube.request('GET', `/api/v1/pods?fieldSelector=${encodeURIComponent(fieldSelector)}`, { accept }),
  );
  const column = (name: string) => table.columnDefinitions.findIndex((definition) => definition.name === name);
  const status = column('Status');
  const restarts = column('Restarts');
  return table.rows.map((row) => ({
    namespace: row.object.metadata.namespace,
    name: row.object.metadata.name,
    status: String(row.cells[status]),
    restarts: String(row.cells[restarts]),
  }));
}

const ListSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })),
});

/** Names of the objects at a collection's path. */
export async function listNames(kube: Kube, path: string): Promise<readonly string[]> {
  return ListSchema.parse(await kube.request('GET', path)).items.map((item) => item.metadata.name);
}

/** UIDs of the objects at a collection's path: a StatefulSet gives its next pod the name of the one before. */
export async function listUids(kube: Kube, path: string): Promise<readonly string[]> {
  return ListSchema.parse(await kube.request('GET', path)).items.map((item) => item.metadata.uid);
}

/** Deletes the object at `path` at once, without grace. */
export async function deleteNow(kube: Kube, path: string): Promise<void> {
  await kube.request('DELETE', path, { body: { gracePeriodSeconds: 0, propagationPolicy: 'Background' } });
}
