import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Cluster, Context } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { z } from 'zod';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { ExecCommand } from './exec-plugin';
import { type AccessUser, KubeAccess } from './kube-access';

const text = z.string().nullish();
const ExecSchema = z
  .object({
    command: z.string(),
    args: z.array(z.string()).nullish(),
    env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    apiVersion: text,
  })
  .loose();
const KubeconfigSchema = z.object({
  'current-context': text,
  clusters: z
    .array(
      z.object({
        name: z.string(),
        cluster: z.object({
          server: z.string().min(1),
          'certificate-authority': text,
          'certificate-authority-data': text,
          'insecure-skip-tls-verify': z.boolean().nullish(),
          'tls-server-name': text,
          'proxy-url': text,
        }),
      }),
    )
    .nullish(),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: text, namespace: text }) }))
    .nullish(),
  users: z
    .array(
      z.object({
        name: z.string(),
        user: z
          .object({
            token: text,
            tokenFile: text,
            username: text,
            password: text,
            as: text,
            'as-uid': text,
            'as-groups': z.array(z.string()).nullish(),
            'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
            'client-certificate': text,
            'client-certificate-data': text,
            'client-key': text,
            'client-key-data': text,
            exec: ExecSchema.nullish(),
            'auth-provider': z
              .object({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() })
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});
type KubeconfigFile = z.infer<typeof KubeconfigSchema>;

/** Clusters, users and contexts in the client library's shape, paths absolute. `currentContext` is empty where none is set. */
export interface MergedConfig {
  readonly clusters: Cluster[];
  readonly users: AccessUser[];
  readonly contexts: Context[];
  readonly currentContext: string;
}

/**
 * Reads and merges kubeconfig files as kubectl does: the first file that sets a name or the current context wins, relative paths
 * count from their file. The library's own reader refuses duplicates and passes over `tokenFile`.
 * Throws UnloopError `misconfigured` that names file and remedy. `origin` says who named the files.
 */
export function readKubeconfigs(files: readonly string[], origin: string): MergedConfig {
  const clusters = new Map<string, Cluster>();
  const users = new Map<string, AccessUser>();
  const contexts = new Map<string, Context>();
  let currentContext = '';
  for (const file of files) {
    const config = parseFile(file, origin);
    const directory = path.dirname(path.resolve(file));
    currentContext ||= config['current-context'] ?? '';
    for (const { name, cluster } of config.clusters ?? []) {
      if (!clusters.has(name)) clusters.set(name, toCluster(name, cluster, directory));
    }
    for (const { name, user } of config.users ?? []) {
      if (!users.has(name)) users.set(name, toUser(name, user ?? {}, directory));
    }
    for (const { name, context } of config.contexts ?? []) {
      if (contexts.has(name)) continue;
      contexts.set(name, {
        name,
        cluster: context.cluster,
        user: context.user ?? '',
        ...(context.namespace ? { namespace: context.namespace } : {}),
      });
    }
  }
  return {
    clusters: [...clusters.values()],
    users: [...users.values()],
    contexts: [...contexts.values()],
    currentContext,
  };
}

/** Access by one context, or null where the context or its cluster is missing. A context without user is anonymous. */
export function accessBy(config: MergedConfig, name: string): KubeAccess | null {
  const context = config.contexts.find((each) => each.name === name);
  const cluster = config.clusters.find((each) => each.name === context?.cluster);
  if (!context || !cluster) return null;
  const user = config.users.find((each) => each.name === context.user) ?? { name: context.user };
  return new KubeAccess(cluster, user, context);
}

/** The configuration of the pod's own service account. The token file is read again as it rotates. */
export function inClusterConfig(env: NodeJS.ProcessEnv, accountDir: string): MergedConfig {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  const name = 'in-cluster';
  return {
    clusters: [
      {
        name,
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: path.join(accountDir, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name, authProvider: tokenFileProvider(path.join(accountDir, 'token')) }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  };
}

function tokenFileProvider(tokenFile: string): { name: string; config: { tokenFile: string } } {
  return { name: 'tokenFile', config: { tokenFile } };
}

function parseFile(file: string, origin: string): KubeconfigFile {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const words =
      why === 'ENOENT' ? 'does not exist' : why === 'EACCES' ? 'may not be read' : `cannot be read (${why})`;
    throw new UnloopError(
      'misconfigured',
      `The kubeconfig ${file} (${origin}) ${words}`,
      why === 'EACCES'
        ? `Give the user that runs Unloop read access to ${file}, or pass another file with --kubeconfig`
        : 'Correct the path, or pass another file with --kubeconfig',
      { cause },
    );
  }
  let parsed: unknown;
  try {
    parsed = content.trim() === '' ? {} : load(content);
  } catch (cause) {
    throw invalid(file, origin, `is not YAML: ${firstLine(cause)}`, cause);
  }
  const result = KubeconfigSchema.safeParse(parsed ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(file, origin, `is not a kubeconfig: ${issue?.path.join('.') || 'top level'}: ${issue?.message ?? ''}`);
}

function invalid(file: string, origin: string, what: string, cause?: unknown): UnloopError {
  return new UnloopError(
    'misconfigured',
    `The kubeconfig ${file} (${origin}) ${what}`,
    `Check it with: kubectl config view --kubeconfig ${file}`,
    { cause },
  );
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

type FileCluster = NonNullable<KubeconfigFile['clusters']>[number]['cluster'];
type FileUser = NonNullable<NonNullable<KubeconfigFile['users']>[number]['user']>;

function toCluster(name: string, cluster: FileCluster, directory: string): Cluster {
  const server = cluster.server.replace(/\/+$/, '');
  return {
    name,
    server,
    skipTLSVerify: cluster['insecure-skip-tls-verify'] === true,
    ...given('caFile', absolute(cluster['certificate-authority'], directory)),
    ...given('caData', cluster['certificate-authority-data']),
    ...given('tlsServerName', cluster['tls-server-name']),
    ...given('proxyUrl', cluster['proxy-url']),
  };
}

function toUser(name: string, user: FileUser, directory: string): AccessUser {
  const tokenFile = absolute(user.tokenFile, directory);
  return {
    name,
    ...given('certFile', absolute(user['client-certificate'], directory)),
    ...given('certData', user['client-certificate-data']),
    ...given('keyFile', absolute(user['client-key'], directory)),
    ...given('keyData', user['client-key-data']),
    ...given('username', user.username),
    ...given('password', user.password),
    ...given('impersonateUser', user.as),
    ...given('impersonateUid', user['as-uid']),
    ...given('impersonateGroups', user['as-groups']),
    ...given('impersonateExtra', user['as-user-extra']),
    // As in kubectl: the file wins over the literal token, because it may rotate.
    ...(tokenFile ? {} : given('token', user.token)),
    ...(tokenFile ? { authProvider: tokenFileProvider(tokenFile) } : given('authProvider', user['auth-provider'])),
    ...(user.exec && !tokenFile ? { exec: toExec(user.exec, directory) } : {}),
  };
}

/** Plugins expect to be told the version they shall answer in, and that nobody can type an answer. */
function toExec(exec: z.infer<typeof ExecSchema>, directory: string): ExecCommand {
  const { command } = exec;
  const info = {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    spec: { interactive: false },
  };
  return {
    ...exec,
    command: /[/\\]/.test(command) ? path.resolve(directory, command) : command,
    args: exec.args ?? [],
    env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  };
}

function absolute(file: string | null | undefined, directory: string): string | null {
  return file ? path.resolve(directory, file) : null;
}

function given<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]: V });
}
