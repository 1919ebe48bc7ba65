/** The six categories of the quick reference, plus `unknown`. */
export const CATEGORIES = [
  'application',
  'resource',
  'configuration',
  'image',
  'dependency',
  'kubernetes',
  'unknown',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const CATEGORY_TITLES: Readonly<Record<Category, string>> = {
  application: 'Application error',
  resource: 'Resource exhaustion',
  configuration: 'Configuration error',
  image: 'Image issue',
  dependency: 'Dependency failure',
  kubernetes: 'Kubernetes-specific',
  unknown: 'Unknown',
};

/** One entry of the public vocabulary of causes. Ids are public (URLs, rows, exports): never renamed. */
export interface Cause {
  readonly title: string;
  readonly category: Category;
  readonly meaning: string;
}

export const CAUSES = {
  'app-exception': {
    title: 'Unhandled exception or panic in the program',
    category: 'application',
    meaning: 'unhandled exception, panic or traceback caused by the program itself',
  },
  'missing-module': {
    title: 'Module, class or shared library missing from the image',
    category: 'application',
    meaning: 'module, gem, class, shared library or matching runtime version absent from the image',
  },
  'exits-early': {
    title: 'Main process ends although a service is expected',
    category: 'application',
    meaning: 'main process ends normally (or is killed from outside) although a service is expected',
  },
  'migration-failed': {
    title: 'Schema migration failed or left a lock',
    category: 'application',
    meaning: 'schema migration failed or left a dirty/locked marker',
  },
  'data-corrupt': {
    title: 'Corrupt data or stale lock file on a volume',
    category: 'application',
    meaning: 'corrupt data file or stale lock/pid file on a volume',
  },
  'data-version': {
    title: 'Data written by another version of the program',
    category: 'application',
    meaning: 'data directory written by another (newer/older) version',
  },
  'api-mismatch': {
    title: 'The cluster lacks an API or CRD the program expects',
    category: 'application',
    meaning: 'program expects an API/CRD that the cluster lacks',
  },
  'oom-killed': {
    title: 'Killed at its memory limit',
    category: 'resource',
    meaning: 'cgroup memory limit exceeded',
  },
  'heap-exhausted': {
    title: 'Heap of the language runtime exhausted, below the memory limit',
    category: 'resource',
    meaning: 'runtime-internal memory limit (heap, metaspace, V8), cgroup not hit',
  },
  'cpu-starved': {
    title: 'CPU limit too small to start or answer probes',
    category: 'resource',
    meaning: 'CPU limit so small that start or probes fail',
  },
  'disk-full': {
    title: 'Volume or filesystem full',
    category: 'resource',
    meaning: 'volume, /dev/shm or filesystem full',
  },
  'kernel-limit': {
    title: 'Kernel or process limit reached (files, inotify, threads, map count, shared memory)',
    category: 'resource',
    meaning: 'inotify, fds, pids/threads, map count, huge pages',
  },
  evicted: {
    title: 'Evicted by the kubelet',
    category: 'resource',
    meaning: 'kubelet eviction (memory, disk, ephemeral storage)',
  },
  'env-missing': {
    title: 'Required environment variable missing',
    category: 'configuration',
    meaning: 'required environment variable absent or renamed',
  },
  'setting-invalid': {
    title: 'A setting has a wrong or contradictory value',
    category: 'configuration',
    meaning: 'a setting has a wrong or contradictory value (syntax is fine)',
  },
  'config-syntax': {
    title: 'Configuration file cannot be parsed',
    category: 'configuration',
    meaning: 'configuration file cannot be parsed',
  },
  'file-missing': {
    title: 'Expected file is not at its path',
    category: 'configuration',
    meaning: 'expected file not at the path (wrong mount, mount shadows the image)',
  },
  'bad-argument': {
    title: 'Unknown or removed command-line flag',
    category: 'configuration',
    meaning: 'flag unknown or removed',
  },
  'bad-command': {
    title: 'command or args of the pod spec are wrong',
    category: 'configuration',
    meaning: 'command/args in the pod spec wrong (typo, unsplit string, wrong path)',
  },
  'config-ref-missing': {
    title: 'Referenced ConfigMap, Secret or key does not exist',
    category: 'configuration',
    meaning: 'env refers to a Secret/ConfigMap/key that is absent',
  },
  'rbac-denied': {
    title: 'Service account lacks a permission or token',
    category: 'configuration',
    meaning: 'service account lacks a permission or token',
  },
  'port-in-use': {
    title: 'Port already bound',
    category: 'configuration',
    meaning: 'port already bound (host network, sidecar, kube-proxy)',
  },
  'service-link-env': {
    title: "Service-link variables override the program's own",
    category: 'configuration',
    meaning: "service-link variables (NAME_PORT=tcp://…) override the program's own",
  },
  'bad-credentials': {
    title: 'Password or token does not match or is malformed',
    category: 'configuration',
    meaning: 'password/token does not match, or is malformed',
  },
  'tls-invalid': {
    title: 'Certificate expired, unknown or for another name',
    category: 'configuration',
    meaning: 'certificate expired, wrong CA or name',
  },
  'image-not-found': {
    title: 'Image or tag does not exist',
    category: 'image',
    meaning: 'tag or repository does not exist',
  },
  'image-pull-denied': {
    title: 'Registry demands other credentials',
    category: 'image',
    meaning: 'registry demands (other) credentials',
  },
  'registry-unreachable': {
    title: 'Registry unreachable or rate limited',
    category: 'image',
    meaning: 'registry unreachable, rate limit, TLS',
  },
  'wrong-architecture': {
    title: "Binary does not fit the node's processor",
    category: 'image',
    meaning: 'binary or instruction set does not fit the node',
  },
  'broken-entrypoint': {
    title: 'Entrypoint inside the image is broken',
    category: 'image',
    meaning: 'entrypoint inside the image broken (mode, CRLF, missing)',
  },
  'image-reference-invalid': {
    title: 'Invalid image reference or pull policy Never',
    category: 'image',
    meaning: 'invalid reference or pull policy Never',
  },
  'dependency-refused': {
    title: 'A dependency refuses or is not ready',
    category: 'dependency',
    meaning: 'dependency down or not ready',
  },
  'dependency-dns': {
    title: 'Name of a dependency does not resolve',
    category: 'dependency',
    meaning: 'name of a dependency does not resolve (dependency or resolver)',
  },
  'dependency-timeout': {
    title: 'Traffic to a dependency is dropped',
    category: 'dependency',
    meaning: 'traffic dropped (policy, firewall, CIDR)',
  },
  'cluster-membership': {
    title: 'Member cannot join or rejoin its cluster',
    category: 'dependency',
    meaning: 'member cannot (re)join its cluster: quorum, bootstrap, cluster id',
  },
  'probe-too-early': {
    title: 'Liveness or startup probe kills a healthy slow starter',
    category: 'kubernetes',
    meaning: 'liveness/startup probe kills a healthy slow starter',
  },
  'probe-wrong': {
    title: 'Probe asks the wrong port, path or scheme, or times out too soon',
    category: 'kubernetes',
    meaning: 'probe asks the wrong port, path, scheme or has a too short timeout',
  },
  'hook-failed': {
    title: 'postStart or preStop hook fails',
    category: 'kubernetes',
    meaning: 'postStart/preStop hook fails',
  },
  'init-blocked': {
    title: 'Init container waits or fails for its own reason',
    category: 'kubernetes',
    meaning: 'init container waits or fails for its own reason',
  },
  'volume-mount': {
    title: 'Volume cannot be attached or mounted',
    category: 'kubernetes',
    meaning: 'volume cannot be mounted/attached',
  },
  'volume-permission': {
    title: "Volume is there but not writable by the process's user",
    category: 'kubernetes',
    meaning: "volume (or directory) is there but not writable/ownable by the process's user",
  },
  'read-only-filesystem': {
    title: 'Writes to a read-only filesystem',
    category: 'kubernetes',
    meaning: 'read-only root filesystem or read-only volume kind',
  },
  'run-as-non-root': {
    title: 'runAsNonRoot check fails',
    category: 'kubernetes',
    meaning: 'runAsNonRoot check fails',
  },
  'denied-by-kernel': {
    title: 'Missing capability, seccomp, AppArmor or SELinux denial, privileged port',
    category: 'kubernetes',
    meaning: 'capability, seccomp, AppArmor/SELinux, privileged port',
  },
  'sidecar-order': {
    title: 'Sidecar not ready first, or outliving the job',
    category: 'kubernetes',
    meaning: 'sidecar order or lifetime',
  },
  'node-runtime': {
    title: 'Node, kernel, network plug-in or container runtime defect',
    category: 'kubernetes',
    meaning: 'node, kernel, CNI or runtime defect',
  },
  unschedulable: {
    title: 'No pod or no node: scheduling, quota, admission, unbound volume',
    category: 'kubernetes',
    meaning: 'no pod or no node: scheduling, quota, admission, PVC unbound',
  },
  unknown: {
    title: 'No cause found',
    category: 'unknown',
    meaning: 'the evidence shows no cause; the verdict names the best next look',
  },
} as const satisfies Record<string, Cause>;

export type CauseId = keyof typeof CAUSES;
export const CAUSE_IDS = Object.keys(CAUSES) as readonly CauseId[];

export function categoryOf(cause: CauseId): Category {
  return CAUSES[cause].category;
}
