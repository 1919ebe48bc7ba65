import type { ContainerSpec } from '@/server/demo/kube-types';
import { SPRING_BANNER, spring } from '@/server/demo/logs/java';
import { iso, lines, numberOf, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { pino } from '@/server/demo/logs/node';
import { nodeTraffic, springTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromSecret, httpProbe, image, port, resources } from './container';
import { always, ending } from './programs';
import { DAY, HOUR, MINUTE, SECOND } from './time';

const APP = 'com.example.media.MediaApplication';

function starting(seconds: number, work: string): LogScript['opening'] {
  const ready = seconds * SECOND;
  return lines(
    [60, plain(SPRING_BANNER)],
    [
      420,
      spring(
        'INFO',
        APP,
        'Starting MediaApplication using Java 25.0.1 with PID 1 (/app/media-api.jar started by app in /app)',
      ),
    ],
    [
      2_100,
      spring(
        'INFO',
        '.s.d.r.c.RepositoryConfigurationDelegate',
        'Finished Spring Data repository scanning in 214 ms. Found 31 JPA repository interfaces.',
      ),
    ],
    [4_800, spring('INFO', 'com.zaxxer.hikari.HikariDataSource', 'HikariPool-1 - Start completed.')],
    [
      6_200,
      spring(
        'INFO',
        'o.f.core.internal.command.DbValidate',
        'Successfully validated 212 migrations (execution time 00:00.381s)',
      ),
    ],
    [7_000, spring('INFO', 'c.e.media.index.ThumbnailIndex', `${work}: 0 %`)],
    [ready * 0.4, spring('INFO', 'c.e.media.index.ThumbnailIndex', `${work}: 31 %`)],
    [ready * 0.65, spring('INFO', 'c.e.media.index.ThumbnailIndex', `${work}: 62 %`)],
    [ready * 0.9, spring('INFO', 'c.e.media.index.ThumbnailIndex', `${work}: 94 %`)],
    [
      ready,
      spring('INFO', APP, `Started MediaApplication in ${seconds}.204 seconds (process running for ${seconds}.881)`),
    ],
  );
}

function mediaApi(tag: string): ContainerSpec {
  return {
    name: 'api',
    image: image('media/media-api', tag),
    ports: [port(8080)],
    env: [envFromSecret('SPRING_DATASOURCE_PASSWORD', 'media-db', 'password')],
    resources: resources(['1', '1Gi'], { cpu: '2', memory: '2Gi' }),
    livenessProbe: httpProbe('/actuator/health/liveness', 8080, { initialDelaySeconds: 10, periodSeconds: 5 }),
    readinessProbe: httpProbe('/actuator/health/readiness', 8080, { periodSeconds: 5 }),
  };
}

const mediaTraffic = springTraffic('c.e.media.api.AssetController', [
  'asset read',
  'upload stored',
  'rendition listed',
]);

/** Fills its heap once in 52 minutes; the next time is three and a half minutes after the opening. */
const pdfRender: Program = ({ sinceOpening, random }) => {
  const every = 52 * MINUTE;
  const offset = 3.5 * MINUTE;
  const next = (Math.floor((sinceOpening - offset) / every) + 1) * every + offset - sinceOpening;
  const livesMs = (next < 10 * MINUTE ? next + every : next) + random.between(0, 6 * SECOND);
  return ending(
    livesMs,
    3,
    {
      opening: lines(
        [
          300,
          spring(
            'INFO',
            'com.example.pdf.RenderApplication',
            'Starting RenderApplication v2.9.4 using Java 25.0.1 with PID 1',
          ),
        ],
        [
          3_900,
          spring(
            'INFO',
            'com.example.pdf.RenderApplication',
            'Started RenderApplication in 3.61 seconds (process running for 4.02)',
          ),
        ],
      ),
      steady: {
        everyMs: 9 * SECOND,
        print: (at, turn) =>
          spring(
            'INFO',
            'c.example.pdf.RenderService',
            `Rendered ${numberOf(turn, 1, 48)} pages, heap ${Math.min(2_040, 310 + turn * 5)} of 2048 MiB`,
            `render-${turn % 8}`,
          )(at),
      },
      ending: lines(
        [-42_000, spring('WARN', 'c.example.pdf.RenderService', 'Font cache holds 18233 entries', 'render-3')],
        [-9_000, spring('WARN', 'c.example.pdf.RenderService', 'Rendering took 31.2 s, GC pauses 24.8 s', 'render-5')],
        [
          -260,
          plain(`java.lang.OutOfMemoryError: Java heap space
	at java.base/java.util.Arrays.copyOf(Arrays.java:3541)
	at java.base/java.io.ByteArrayOutputStream.write(ByteArrayOutputStream.java:136)
	at com.example.pdf.FontCache.put(FontCache.java:74)
	at com.example.pdf.RenderService.render(RenderService.java:118)
Terminating due to java.lang.OutOfMemoryError: Java heap space`),
        ],
      ),
    },
    { readyAfterMs: 4_000 },
  );
};

const daemonizes: Program = ({ random }) =>
  ending(random.between(1_900, 2_600), 0, {
    opening: lines(
      [120, (at) => `[${iso(at)}] transcode-scheduler 0.9.7`],
      [480, (at) => `[${iso(at)}] queue: 12 jobs waiting, 0 running`],
      [900, (at) => `[${iso(at)}] writing pid file /var/run/scheduler.pid`],
      [1_500, (at) => `[${iso(at)}] scheduler started in background (pid 14)`],
    ),
  });

const thumbnailer: LogScript = {
  opening: lines(
    [400, pino('info', 'thumbnailer', 'sharp 0.35, 4 workers')],
    [700, pino('info', 'thumbnailer', 'listening', { port: 8080 })],
  ),
  steady: nodeTraffic('thumbnailer', ['/t/320/a8f1.webp', '/t/640/77c0.webp', '/t/1280/091b.webp']),
};

function thumbnails(tag: string): ContainerSpec {
  return {
    name: 'thumbnailer',
    image: image('media/thumbnailer', tag),
    ports: [port(8080)],
    resources: resources(['500m', '256Mi'], { memory: '1Gi' }),
    readinessProbe: httpProbe('/healthz', 8080),
    volumeMounts: [{ name: 'templates', mountPath: '/etc/thumbnailer/templates' }],
  };
}

/** A start that takes longer than its probe waits, a heap that fills within the hour, a daemon, a volume without its ConfigMap. */
export const MEDIA: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'media',
      name: 'media-api',
      replicas: 2,
      maxSurge: 1,
      maxUnavailable: 1,
      revisions: [
        {
          at: -7 * DAY,
          revision: 6,
          containers: [mediaApi('6.4.0')],
          programs: {
            api: always({ opening: starting(9, 'Loading index'), steady: mediaTraffic }, { readyAfterMs: 9_200 }),
          },
        },
        {
          at: -13 * MINUTE,
          revision: 7,
          changeCause: 'media-api 6.5.0, index built at start',
          containers: [mediaApi('6.5.0')],
          programs: {
            api: always(
              { opening: starting(41, 'Building index over 1.2 M assets'), steady: mediaTraffic },
              { readyAfterMs: 41_300, onTerm: { afterMs: 900, code: 143 } },
            ),
          },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'media',
      name: 'pdf-render',
      replicas: 1,
      placement: ['worker-3'],
      revisions: [
        {
          at: -22 * HOUR,
          revision: 15,
          containers: [
            {
              name: 'render',
              image: image('media/pdf-render', '2.9.4'),
              ports: [port(8080)],
              env: [env('JAVA_TOOL_OPTIONS', '-Xmx2g -XX:+ExitOnOutOfMemoryError')],
              resources: resources(['500m', '3Gi'], { memory: '3Gi' }),
              readinessProbe: httpProbe('/actuator/health', 8080),
            },
          ],
          programs: { render: pdfRender },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'media',
      name: 'transcode-scheduler',
      replicas: 1,
      placement: ['worker-4'],
      revisions: [
        {
          at: -27 * MINUTE,
          revision: 1,
          containers: [
            {
              name: 'scheduler',
              image: image('media/transcode-scheduler', '0.9.7'),
              command: ['/usr/local/bin/start-scheduler.sh', '--daemon'],
              env: [env('QUEUE_DIR', '/var/spool/transcode')],
              resources: resources(['50m', '64Mi']),
            },
          ],
          programs: { scheduler: daemonizes },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'media',
      name: 'thumbnailer',
      replicas: 3,
      revisions: [
        {
          at: -11 * DAY,
          revision: 21,
          containers: [thumbnails('5.0.2')],
          volumes: [{ name: 'templates', configMap: { name: 'thumbnailer-templates', defaultMode: 420 } }],
          programs: { thumbnailer: always(thumbnailer, { readyAfterMs: 800 }) },
        },
        {
          at: -16 * MINUTE,
          revision: 22,
          changeCause: 'thumbnailer 5.1.0',
          containers: [thumbnails('5.1.0')],
          volumes: [{ name: 'templates', configMap: { name: 'thumbnail-templates', defaultMode: 420 } }],
          mount: () => 'MountVolume.SetUp failed for volume "templates" : configmap "thumbnail-templates" not found',
          programs: { thumbnailer: always(thumbnailer, { readyAfterMs: 800 }) },
        },
      ],
    },
  ],
  configMaps: [
    {
      namespace: 'media',
      name: 'thumbnailer-templates',
      versions: [{ at: -20 * DAY, data: { 'default.json': '{"sizes":[320,640,1280],"format":"webp"}' } }],
    },
  ],
  services: [
    { namespace: 'media', name: 'media-api', port: 8080, app: 'media-api' },
    { namespace: 'media', name: 'thumbnailer', port: 8080, app: 'thumbnailer' },
  ],
};
