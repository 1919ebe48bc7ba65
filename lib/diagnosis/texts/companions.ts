import type { ContainerEvidence, Evidence } from '@/lib/diagnosis/evidence';

/** Sidecars that many pods carry, by name or image, with the ports on which they serve their pod. */
const KNOWN: readonly (readonly [RegExp, readonly number[]])[] = [
  [
    /istio-?proxy|proxyv2|pilot-agent|ztunnel|asm-proxy|osm-?envoy|kuma-(?:sidecar|dp)/,
    [15000, 15001, 15006, 15010, 15012, 15020, 15021, 15090],
  ],
  [/linkerd-?proxy|linkerd2-proxy/, [4140, 4143, 4190, 4191]],
  [/consul|envoy/, [8500, 8501, 8502, 8503, 9901, 10000, 19000, 20000]],
  [/cloud-?sql-?(?:auth-)?proxy|alloydb-auth-proxy|sqlproxy/, [5432, 3306, 1433, 9801, 9090]],
  [/daprd|dapr/, [3500, 50001, 50002, 9090]],
  [/vault-?agent|vault/, [8200, 8100, 8007]],
  [/otel|opentelemetry|collector/, [4317, 4318, 13133, 55680]],
  [/jaeger/, [5775, 5778, 6831, 6832, 14268]],
  [/datadog|ddagent|dd-agent/, [8125, 8126]],
  [/fluent-?(?:bit|d)|vector|filebeat|promtail|log-?(?:shipper|agent|router)/, [24224, 24231, 5170, 5044]],
  [/\bdind\b|docker-?daemon|dockerd|buildkitd?/, [2375, 2376, 1234]],
  [/pgbouncer|pgpool|odyssey/, [6432, 5432, 9999]],
  [/statsd|telegraf/, [8125, 9125, 8092]],
  [/x-?ray/, [2000]],
  [/oauth2?-?proxy|kube-rbac-proxy|authproxy/, [4180, 8443]],
  [/\bopa\b|open-policy-agent/, [8181]],
  [/nutcracker|twemproxy|mcrouter|memcached/, [11211, 22121]],
  [/redis|valkey|keydb/, [6379]],
  [/postgres|timescale/, [5432]],
  [/mysql|mariadb|percona/, [3306]],
  [/mongo/, [27017]],
  [/rabbitmq/, [5672, 15672]],
  [/elasticsearch|opensearch/, [9200]],
  [/php|fpm/, [9000]],
];

/** Names of sidecars that serve or watch a main container and never end by themselves. */
const HELPER =
  /istio-?proxy|proxyv2|linkerd|envoy|cloud-?sql|sql-?proxy|alloydb|daprd|vault-?agent|otel|opentelemetry|collector|jaeger|datadog|fluent|filebeat|promtail|vector|log-?(?:shipper|agent|router)|statsd|telegraf|x-?ray|oauth2?-?proxy|pgbouncer|\bdind\b|dockerd|sidecar|-proxy$|-agent$|-exporter$|exporter|consul|kuma/;

/** Proxies through which a mesh leads all traffic of a pod, so that nothing is reachable before they are up. */
const MESH =
  /istio-?proxy|proxyv2|linkerd-?proxy|linkerd2-proxy|consul-dataplane|kuma-(?:sidecar|dp)|osm-?envoy|envoy-sidecar/;

function names({ name, image }: ContainerEvidence): string {
  return `${name} ${image.split('@')[0] ?? ''}`.toLowerCase();
}

export function isHelper(container: ContainerEvidence): boolean {
  return HELPER.test(container.name.toLowerCase()) || HELPER.test(names(container));
}

export function isMeshProxy(container: ContainerEvidence): boolean {
  return MESH.test(names(container));
}

/** The containers that run beside this one: all of the pod but this one and plain init containers. */
export function companions({ pod, container }: Evidence): readonly ContainerEvidence[] {
  return [...pod.initContainers, ...pod.containers].filter((one) => one.type !== 'init' && one.name !== container.name);
}

function namesPort(container: ContainerEvidence, port: string): boolean {
  const texts = [
    ...container.command,
    ...container.args,
    ...container.env.map((one) => one.value ?? ''),
    container.readiness?.port ?? '',
    container.startup?.port ?? '',
    container.liveness?.port ?? '',
    ...[container.readiness, container.startup, container.liveness].flatMap((probe) => probe?.command ?? []),
  ];
  return texts.some((text) => {
    const at = text.indexOf(port);
    return at >= 0 && !/\d/.test(text[at - 1] ?? '') && !/\d/.test(text[at + port.length] ?? '');
  });
}

/**
 * Finds the container of the same pod that should listen on a port: one that declares or names it, else a known sidecar that
 * serves there. Null where none does, or where this container declares the port itself.
 */
export function companionOn(evidence: Evidence, port: string): ContainerEvidence | null {
  if (port === '' || evidence.container.ports.some((one) => String(one.containerPort) === port)) return null;
  const others = companions(evidence);
  return (
    others.find((one) => one.ports.some(({ containerPort }) => String(containerPort) === port)) ??
    others.find((one) => namesPort(one, port)) ??
    others.find((one) => KNOWN.some(([pattern, ports]) => pattern.test(names(one)) && ports.includes(Number(port)))) ??
    null
  );
}

/** Finds a container of the same pod that shares the volume of a path, as for a socket that it makes there. */
export function companionAt(evidence: Evidence, path: string): ContainerEvidence | null {
  const mount = evidence.container.mounts.find((one) => path.startsWith(`${one.path.replace(/\/$/, '')}/`));
  if (!mount) return null;
  return companions(evidence).find((one) => one.mounts.some(({ volume }) => volume === mount.volume)) ?? null;
}

const FINISHED_MS = 10 * 60_000;
const LONG_FINISHED_MS = 60 * 60_000;

/** A pod that should end: its main containers have, and a helper runs on. */
export interface Outlived {
  readonly finished: ContainerEvidence;
  readonly helper: ContainerEvidence;
  readonly finishedAt: number;
}

/**
 * Finds a finished container of a Job's pod that another one outlives: ten minutes for containers known to be helpers, an hour
 * for others. A container that failed, and pods that restart their containers, are not meant.
 */
export function findOutlived({ pod, now }: Evidence): Outlived | null {
  if (pod.restartPolicy === 'Always' || pod.phase !== 'Running') return null;
  const running = pod.containers.filter((one) => pod.statuses[one.name]?.state.kind === 'running');
  const ended = pod.containers.flatMap((one) => {
    const state = pod.statuses[one.name]?.state;
    return state?.kind === 'terminated' ? [{ one, state }] : [];
  });
  const [helper] = running;
  const last = ended.toSorted((a, b) => (b.state.finishedAt ?? 0) - (a.state.finishedAt ?? 0))[0];
  if (!helper || !last || last.state.finishedAt === null || ended.some(({ state }) => state.exitCode !== 0))
    return null;
  const patience = running.every(isHelper) ? FINISHED_MS : LONG_FINISHED_MS;
  if (now - last.state.finishedAt < patience) return null;
  return { finished: last.one, helper, finishedAt: last.state.finishedAt };
}
