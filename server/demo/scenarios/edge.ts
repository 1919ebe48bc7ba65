import { slog } from '@/server/demo/logs/go';
import { iso, lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { nginxAccess, nginxError } from '@/server/demo/logs/nginx';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, image, port, resources } from './container';
import { always, ending, serving, until } from './programs';
import { DAY, MINUTE } from './time';

/** When the gateway's ConfigMap was put right: its next start has held for almost ten minutes when the cluster opens. */
const FIXED_AT = -13 * MINUTE;

const nginxStart = lines(
  [80, plain('/docker-entrypoint.sh: Configuration complete; ready for start up')],
  [160, nginxError('notice', 'using the "epoll" event method')],
);
const gatewayServes: LogScript = {
  opening: [
    ...nginxStart,
    ...lines([240, nginxError('notice', 'nginx/1.29.3')], [260, nginxError('notice', 'start worker processes')]),
  ],
  steady: { everyMs: 3_000, print: nginxAccess },
};
const gatewayFails: Program = ({ random }) =>
  ending(random.between(300, 700), 1, {
    opening: lines(
      [80, plain('/docker-entrypoint.sh: Configuration complete; ready for start up')],
      [
        190,
        nginxError('emerg', 'invalid port in "84430" of the "listen" directive in /etc/nginx/conf.d/gateway.conf:7'),
      ],
      [
        195,
        plain('nginx: [emerg] invalid port in "84430" of the "listen" directive in /etc/nginx/conf.d/gateway.conf:7'),
      ],
    ),
  });

function gatewayConf(listen: number): string {
  return `upstream shop {\n  server storefront.shop.svc.cluster.local:80;\n}\n\nserver {\n  server_name shop.example.com;\n  listen ${listen} ssl;\n  location / { proxy_pass http://shop; }\n}\n`;
}

const limiterPanics: Program = ({ random }) =>
  ending(random.between(900, 1_500), 101, {
    opening: lines(
      [60, (at) => `${iso(at).slice(0, 23)}000Z  INFO rate_limiter: starting version="0.8.0"`],
      [
        140,
        (at) =>
          `${iso(at).slice(0, 23)}000Z  INFO rate_limiter::rules: 212 rules read path="/etc/rate-limiter/rules.toml"`,
      ],
      [
        600,
        plain(`thread 'main' (1) panicked at src/rules.rs:88:41:
called \`Option::unwrap()\` on a \`None\` value
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`),
      ],
    ),
  });

const asRoot: Program = ({ pod }) => ({
  kind: 'config-error',
  message: `container has runAsNonRoot and image will run as root (pod: "${pod.name}_${pod.namespace}(${pod.uid})", container: cache)`,
});

const unauthorized = `failed to pull and unpack image "registry.example.net/geo/geoip-refresh:2026.11": failed to resolve image: failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://registry.example.net/token?scope=repository%3Ageo%2Fgeoip-refresh%3Apull&service=registry.example.net: 401 Unauthorized`;

/** The edge: a gateway that recovers since its ConfigMap was put right, a panic that has only begun, root where none may be, a private registry. */
export const EDGE: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'edge',
      name: 'gateway',
      replicas: 2,
      revisions: [
        {
          at: -20.2 * MINUTE,
          revision: 30,
          containers: [
            {
              name: 'nginx',
              image: 'docker.io/library/nginx:1.29.3',
              ports: [port(8443, 'https')],
              resources: resources(['100m', '64Mi'], { memory: '128Mi' }),
              readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 5 },
              volumeMounts: [{ name: 'conf', mountPath: '/etc/nginx/conf.d' }],
            },
          ],
          volumes: [{ name: 'conf', configMap: { name: 'gateway-conf', defaultMode: 420 } }],
          programs: { nginx: until(FIXED_AT, gatewayFails, () => serving(gatewayServes, { readyAfterMs: 400 })) },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'edge',
      name: 'rate-limiter',
      replicas: 2,
      placement: ['worker-5', 'worker-3'],
      revisions: [
        {
          at: -0.5 * MINUTE,
          revision: 1,
          containers: [
            {
              name: 'rate-limiter',
              image: image('edge/rate-limiter', '0.8.0'),
              ports: [port(8081, 'grpc')],
              env: [env('RULES', '/etc/rate-limiter/rules.toml')],
              resources: resources(['50m', '32Mi'], { memory: '64Mi' }),
              readinessProbe: { tcpSocket: { port: 8081 } },
            },
          ],
          programs: { 'rate-limiter': limiterPanics },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'edge',
      name: 'edge-cache',
      replicas: 2,
      revisions: [
        {
          at: -31 * MINUTE,
          revision: 5,
          containers: [
            {
              name: 'cache',
              image: image('edge/edge-cache', '7.7.1'),
              ports: [port(6081)],
              resources: resources(['200m', '512Mi'], { memory: '1Gi' }),
              securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false },
            },
          ],
          programs: { cache: asRoot },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'edge',
      name: 'geoip-refresh',
      replicas: 1,
      placement: ['worker-2'],
      revisions: [
        {
          at: -88 * MINUTE,
          revision: 2,
          containers: [
            {
              name: 'refresh',
              image: 'registry.example.net/geo/geoip-refresh:2026.11',
              resources: resources(['50m', '64Mi']),
            },
          ],
          programs: { refresh: () => ({ kind: 'pull-error', error: unauthorized }) },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'edge',
      name: 'cert-renewer',
      replicas: 1,
      revisions: [
        {
          at: -14 * DAY,
          revision: 4,
          containers: [
            { name: 'renewer', image: image('edge/cert-renewer', '1.2.0'), resources: resources(['20m', '32Mi']) },
          ],
          programs: {
            renewer: always({
              opening: lines([200, slog('INFO', 'cert-renewer', 'version=1.2.0')]),
              steady: { everyMs: 300_000, print: slog('INFO', 'certificates checked', 'total=18 due=0') },
            }),
          },
        },
      ],
    },
  ],
  configMaps: [
    {
      namespace: 'edge',
      name: 'gateway-conf',
      versions: [
        { at: -21 * MINUTE, data: { 'gateway.conf': gatewayConf(84430) } },
        { at: FIXED_AT, data: { 'gateway.conf': gatewayConf(8443) } },
      ],
    },
  ],
  services: [{ namespace: 'edge', name: 'gateway', port: 443, targetPort: 8443, app: 'gateway' }],
};
