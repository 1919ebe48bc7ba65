import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { redactText } from '@/lib/domain/redact/text';
import { UnloopError } from '@/lib/domain/unloop-error';
import { KubeAccess } from './kube-access';
import { inWords, messageOf } from './kube-error';
import { accessBy, inClusterConfig, readKubeconfigs } from './kubeconfig';

/** A cluster that is to be watched, or the reason why it cannot be. */
export interface ClusterTarget {
  /** Slug of the context name, unique, fit for a URL. */
  readonly id: string;
  /** Address of the API server as it may be shown, without a password; empty where the configuration does not even tell that. */
  readonly server: string;
  readonly source: 'kubeconfig' | 'in-cluster' | 'demo';
  /** The context's own namespace, or the pod's. */
  readonly namespace: string | null;
  readonly kubeConfig: KubeAccess | null;
  /** What is wrong, where, and what to do; null where the target can be tried. */
  readonly problem: string | null;
  /** The kubeconfig files that it was read from; empty where it comes from elsewhere. */
  readonly files: readonly string[];
  /** Reads the configuration again, for credentials that were renewed on disk. Throws UnloopError `misconfigured`. */
  readonly reload: (() => KubeAccess | null) | null;
  /** Looks at the configuration again where it has a problem: it may have been corrected. Gives null where it lists other clusters now. */
  readonly again: (() => ClusterTarget | null) | null;
}

export interface TargetOptions {
  /** `--kubeconfig`: one path, or several joined like `KUBECONFIG`. Wins over everything. */
  readonly kubeconfig: string | null;
  /** `--context`, any number. None: the current context. */
  readonly contexts: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Home directory, for `~/.kube/config`. */
  readonly home: string;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the clusters to watch: `--kubeconfig`, else `KUBECONFIG` (several files are merged, the first wins), else the pod's
 * service account, else `~/.kube/config`. Never throws: what is wrong becomes a target with `problem`. Empty where nothing at
 * all is configured. `accountDir` is where the service account is mounted.
 */
export function loadClusterTargets(options: TargetOptions, accountDir = ACCOUNT): readonly ClusterTarget[] {
  const targets = readTargets(options, accountDir);
  return targets.map((target, index) => {
    if (target.problem === null) return target;
    const again = () => {
      const now = readTargets(options, accountDir);
      const same = now.length === targets.length ? now[index] : undefined;
      return same ? { ...same, id: target.id, again } : null;
    };
    return { ...target, again };
  });
}

function readTargets(options: TargetOptions, accountDir: string): readonly ClusterTarget[] {
  const { env } = options;
  const given = options.kubeconfig || env.KUBECONFIG || '';
  if (given) {
    const files = given.split(path.delimiter).filter((file) => file !== '');
    const origin = options.kubeconfig ? '--kubeconfig' : 'KUBECONFIG';
    return targetsFromFiles(files, origin, options.contexts);
  }
  if (env.KUBERNETES_SERVICE_HOST && existsSync(path.join(accountDir, 'token'))) {
    return [inClusterTarget(env, accountDir)];
  }
  const file = path.join(options.home, '.kube', 'config');
  const isAsked = options.contexts.length > 0;
  if (existsSync(file) && (isAsked || !isEmpty(file))) {
    return targetsFromFiles([file], 'the default kubeconfig', options.contexts);
  }
  return options.contexts.map((context) =>
    brokenTarget(
      context,
      `Context "${context}" was asked for, but there is no kubeconfig: ${file} does not exist. Set KUBECONFIG or pass --kubeconfig <file>.`,
    ),
  );
}

/** Whether a kubeconfig lists no cluster and no context, as tools leave it behind; one that cannot be read is not empty. */
function isEmpty(file: string): boolean {
  try {
    const { clusters, contexts, currentContext } = readKubeconfigs([file], 'the default kubeconfig');
    return clusters.length === 0 && contexts.length === 0 && currentContext === '';
  } catch {
    return false;
  }
}

/** A target for a plain `http://` API server on loopback, without credentials: the demo cluster. */
export function targetFromServer(id: string, url: string): ClusterTarget {
  const kubeConfig = new KubeAccess(
    { name: id, server: url.replace(/\/+$/, ''), skipTLSVerify: true },
    { name: id },
    { name: id, cluster: id, user: id },
  );
  return {
    id,
    server: url,
    source: 'demo',
    namespace: null,
    kubeConfig,
    problem: null,
    files: [],
    reload: null,
    again: null,
  };
}

function targetsFromFiles(
  files: readonly string[],
  origin: string,
  contexts: readonly string[],
): readonly ClusterTarget[] {
  let config: ReturnType<typeof readKubeconfigs>;
  try {
    config = readKubeconfigs(files, origin);
  } catch (error) {
    const problem = error instanceof UnloopError ? inWords(error) : messageOf(error);
    const names = contexts.length > 0 ? [...new Set(contexts)] : ['kubeconfig'];
    return uniqueIds(names.map((name) => brokenTarget(name, problem)));
  }
  const where = files.join(', ');
  const known = config.contexts.map((context) => context.name);
  const wanted = contexts.length > 0 ? [...new Set(contexts)] : [config.currentContext];
  return uniqueIds(
    wanted.map((name) => {
      if (name === '' && known.length === 0) {
        return brokenTarget(
          'kubeconfig',
          `No context is set up in ${where} (${origin}). Log in to your cluster with its provider's tool, which writes one, or pass another file with --kubeconfig.`,
        );
      }
      if (name === '') {
        return brokenTarget(
          'kubeconfig',
          `No current context is set in ${where} (${origin}). Run "kubectl config use-context <name>" or pass --context; it knows ${known.join(', ')}.`,
        );
      }
      const kubeConfig = accessBy(config, name);
      if (!kubeConfig) {
        return brokenTarget(
          name,
          `Context "${name}" is not complete in ${where} (${origin}): the context or its cluster is missing. Known contexts: ${known.join(', ') || 'none'}. Pass one of them as --context.`,
        );
      }
      return {
        id: slug(name),
        server: redactText(kubeConfig.cluster.server),
        source: 'kubeconfig' as const,
        namespace: kubeConfig.context.namespace || null,
        kubeConfig,
        problem: null,
        files,
        reload: () => accessBy(readKubeconfigs(files, origin), name),
        again: null,
      };
    }),
  );
}

function inClusterTarget(env: NodeJS.ProcessEnv, accountDir: string): ClusterTarget {
  const kubeConfig = accessBy(inClusterConfig(env, accountDir), 'in-cluster');
  const namespaceFile = path.join(accountDir, 'namespace');
  const namespace = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : '';
  return {
    id: 'in-cluster',
    server: redactText(kubeConfig?.cluster.server ?? ''),
    source: 'in-cluster',
    namespace: namespace || null,
    kubeConfig,
    problem: null,
    files: [],
    reload: () => accessBy(inClusterConfig(env, accountDir), 'in-cluster'),
    again: null,
  };
}

function brokenTarget(name: string, problem: string): ClusterTarget {
  return {
    id: slug(name),
    server: '',
    source: 'kubeconfig',
    namespace: null,
    kubeConfig: null,
    problem,
    files: [],
    reload: null,
    again: null,
  };
}

/** `arn:aws:eks:eu-west-1:1:cluster/prod` becomes `arn-aws-eks-eu-west-1-1-cluster-prod`. */
function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[-._]+|[-._]+$/g, '')
      .slice(0, 80) || 'cluster'
  );
}

function uniqueIds(targets: readonly ClusterTarget[]): readonly ClusterTarget[] {
  const taken = new Set<string>();
  return targets.map((target) => {
    let id = target.id;
    for (let n = 2; taken.has(id); n++) id = `${target.id}-${n}`;
    taken.add(id);
    return id === target.id ? target : { ...target, id };
  });
}
