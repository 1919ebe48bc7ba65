import { slog } from '@/server/demo/logs/go';
import { spring } from '@/server/demo/logs/java';
import { iso, lines, plain } from '@/server/demo/logs/lines';
import type { LogScript, Print } from '@/server/demo/logs/log-script';
import { pyLog } from '@/server/demo/logs/python';
import { sidekiq } from '@/server/demo/logs/ruby';
import type { Program } from '@/server/demo/program';
import type { DemoDeployment, Scenario } from '@/server/demo/workload';
import { env, envFromSecret, image, port, resources } from './container';
import { ending, endingAt, serving } from './programs';
import { DAY, HOUR, MINUTE, SECOND } from './time';

/** The broker went for its new revision, and comes back while somebody watches. */
const DOWN_AT = -9 * MINUTE;
const UP_AT = 4.5 * MINUTE;
const BROKER_IP = '10.96.14.72';
const BROKER = 'rabbitmq.shop.svc.cluster.local';

function rabbit(level: 'info' | 'warning', message: string): Print {
  return (at) => `${iso(at).slice(0, 23).replace('T', ' ')}000+00:00 [${level}] <0.254.0> ${message}`;
}

const brokerLog: LogScript = {
  opening: [
    ...lines(
      [2_000, plain('  ##  ##      RabbitMQ 4.2.0')],
      [2_050, plain('  ##  ##')],
      [2_080, plain('  ##########  Copyright (c) the RabbitMQ authors')],
      [4_000, rabbit('info', 'Running boot step database defined by app rabbit')],
      [9_000, rabbit('info', 'Recovering 14 queues of type rabbit_classic_queue, this can take a while')],
    ),
    ...Array.from({ length: 24 }, (_, index) => ({
      after: 30_000 + index * 30_000,
      print: rabbit(
        'info',
        `Recovering message store msg_store_persistent: ${Math.round((index + 1) * 3.9)} % of 41 GiB`,
      ),
    })),
    ...lines([UP_AT - DOWN_AT - 8 * SECOND, rabbit('info', 'started TCP listener on [::]:5672')]),
  ],
  steady: {
    everyMs: 20_000,
    print: (at, turn) => rabbit('info', `accepting AMQP connection <0.${900 + turn}.0>`)(at),
  },
};

interface Consumer {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly tag: string;
  readonly start: readonly Print[];
  readonly refused: Print;
  readonly lost: Print;
  readonly connected: Print;
  readonly work: (at: number, turn: number) => string;
}

function program(consumer: Consumer): Program {
  const start = consumer.start.map((print, index) => ({ after: 300 + index * 420, print }));
  const last = start.at(-1)?.after ?? 300;
  const works: LogScript = {
    opening: [...start, { after: last + 350, print: consumer.connected }],
    steady: { everyMs: 5_000, print: consumer.work },
    ending: [{ after: -20, print: consumer.lost }],
  };
  return (context) => {
    const { sinceOpening, random } = context;
    if (sinceOpening < DOWN_AT) return endingAt(DOWN_AT + 3_000, context, 1, works);
    if (sinceOpening >= UP_AT) return serving({ ...works, ending: [] });
    const refused = random.between(last + 700, last + 2_400);
    return ending(refused, 1, { opening: [...start, { after: refused - 40, print: consumer.refused }] });
  };
}

function deployment(consumer: Consumer): DemoDeployment {
  return {
    kind: 'Deployment',
    namespace: consumer.namespace,
    name: consumer.name,
    replicas: consumer.replicas,
    revisions: [
      {
        at: -5 * DAY - consumer.replicas * HOUR,
        revision: 9 + consumer.replicas,
        containers: [
          {
            name: 'worker',
            image: image(`${consumer.namespace}/${consumer.name}`, consumer.tag),
            ports: [port(9090, 'metrics')],
            env: [
              env('AMQP_HOST', BROKER),
              env('AMQP_PORT', '5672'),
              envFromSecret('AMQP_PASSWORD', 'rabbitmq', 'password'),
            ],
            resources: resources(['100m', '128Mi'], { memory: '384Mi' }),
          },
        ],
        programs: { worker: program(consumer) },
      },
    ],
  };
}

const CONSUMERS: readonly Consumer[] = [
  {
    namespace: 'shop',
    name: 'orders-worker',
    replicas: 3,
    tag: '7.12.0',
    start: [slog('INFO', 'orders-worker', 'version=7.12.0 go=go1.26.1'), slog('INFO', 'prefetch', 'count=32')],
    refused: slog(
      'ERROR',
      'cannot connect',
      `err="dial tcp ${BROKER_IP}:5672: connect: connection refused" host=${BROKER}`,
    ),
    lost: slog(
      'ERROR',
      'channel closed',
      'err="Exception (320) Reason: \\"CONNECTION_FORCED - broker forced connection closure with reason \'shutdown\'\\""',
    ),
    connected: slog('INFO', 'consuming', 'queue=orders.placed'),
    work: (at, turn) => slog('INFO', 'order placed', `order=${880_112 + turn} took=${8 + (turn % 60)}ms`)(at),
  },
  {
    namespace: 'shop',
    name: 'invoice-mailer',
    replicas: 2,
    tag: '2.4.1',
    start: [pyLog('INFO', 'mailer', 'invoice-mailer 2.4.1, python 3.13.9'), pyLog('INFO', 'mailer', 'templates: 14')],
    refused: (at) =>
      [
        pyLog(
          'ERROR',
          'pika.adapters.blocking_connection',
          `Connection workflow failed: AMQPConnectionWorkflowFailed: 1 exceptions in all; last exception - AMQPConnectorSocketConnectError: ConnectionRefusedError(111, 'Connection refused'); first exception - None`,
        )(at),
        'Traceback (most recent call last):',
        '  File "/srv/mailer/__main__.py", line 71, in <module>',
        '    main()',
        '  File "/srv/mailer/__main__.py", line 44, in main',
        '    connection = pika.BlockingConnection(parameters)',
        '  File "/usr/local/lib/python3.13/site-packages/pika/adapters/blocking_connection.py", line 360, in __init__',
        '    self._impl = self._create_connection(parameters, _impl_class)',
        'pika.exceptions.AMQPConnectionError: [Errno 111] Connection refused',
      ].join('\n'),
    lost: pyLog('CRITICAL', 'mailer', 'broker closed the connection: 320 CONNECTION_FORCED'),
    connected: pyLog('INFO', 'mailer', 'waiting for invoices on invoices.created'),
    work: (at, turn) => pyLog('INFO', 'mailer', `invoice ${204_000 + turn} sent in ${90 + (turn % 400)} ms`)(at),
  },
  {
    namespace: 'shop',
    name: 'notifications',
    replicas: 1,
    tag: '1.18.5',
    start: [sidekiq('INFO', 'Booting notifications 1.18.5'), sidekiq('INFO', 'Running in ruby 3.4.7')],
    refused: (at) =>
      `${sidekiq('ERROR', `Errno::ECONNREFUSED: Connection refused - connect(2) for "${BROKER}" port 5672`)(at)}
/usr/local/bundle/gems/bunny-2.24.0/lib/bunny/transport.rb:280:in 'Bunny::Transport#initialize_socket': Could not establish TCP connection to ${BROKER}:5672: Connection refused - connect(2) for "${BROKER}" port 5672 (Bunny::TCPConnectionFailedForAllHosts)
	from /usr/local/bundle/gems/bunny-2.24.0/lib/bunny/session.rb:332:in 'Bunny::Session#start'
	from /app/bin/notifications:12:in '<main>'`,
    lost: sidekiq('ERROR', 'Bunny::ConnectionClosedError: broker forced connection closure'),
    connected: sidekiq('INFO', 'Subscribed to customers.#'),
    work: (at, turn) =>
      sidekiq('INFO', `delivered push in ${18 + (turn % 70)} ms`, `jid=${(turn * 7919).toString(16)}`)(at),
  },
  {
    namespace: 'payments',
    name: 'settlement-worker',
    replicas: 3,
    tag: '4.2.0',
    start: [
      spring('INFO', 'com.example.settlement.Application', 'Starting Application v4.2.0 using Java 25.0.1 with PID 1'),
      spring('INFO', 'o.s.a.r.c.CachingConnectionFactory', `Attempting to connect to: [${BROKER}:5672]`),
    ],
    refused: (at) =>
      `${spring('ERROR', 'o.s.boot.SpringApplication', 'Application run failed')(at)}

org.springframework.amqp.AmqpConnectException: java.net.ConnectException: Connection refused
	at org.springframework.amqp.rabbit.support.RabbitExceptionTranslator.convertRabbitAccessException(RabbitExceptionTranslator.java:62)
	at org.springframework.amqp.rabbit.connection.AbstractConnectionFactory.createBareConnection(AbstractConnectionFactory.java:606)
	at com.example.settlement.Application.main(Application.java:21)
Caused by: java.net.ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.pollConnect(Native Method)
	at java.base/sun.nio.ch.NioSocketImpl.connect(NioSocketImpl.java:592)
	... 12 common frames omitted`,
    lost: spring(
      'ERROR',
      'o.s.a.r.l.SimpleMessageListenerContainer',
      'Consumer raised exception, stopping: connection error; reply-code=320',
    ),
    connected: spring(
      'INFO',
      'com.example.settlement.Application',
      'Started Application in 1.02 seconds (process running for 1.31)',
    ),
    work: (at, turn) =>
      spring(
        'INFO',
        'c.e.settlement.SettlementListener',
        `Settled batch ${5_100 + turn} with ${1 + (turn % 80)} payments`,
        'settlement-1',
      )(at),
  },
];

/** One broker that is slow to come back, and four workers in two namespaces that cannot live without it. */
export const RABBITMQ_OUTAGE: Scenario = {
  workloads: [
    {
      kind: 'StatefulSet',
      namespace: 'shop',
      name: 'rabbitmq',
      replicas: 1,
      placement: ['worker-5'],
      claims: [{ name: 'data', size: '64Gi', storageClass: 'standard', isBound: true }],
      revision: {
        at: DOWN_AT,
        revision: 9,
        graceSeconds: 120,
        containers: [
          {
            name: 'rabbitmq',
            image: 'docker.io/library/rabbitmq:4.2.0',
            ports: [port(5672, 'amqp')],
            resources: resources(['1', '2Gi'], { memory: '2Gi' }),
            readinessProbe: { tcpSocket: { port: 5672 }, periodSeconds: 15, initialDelaySeconds: 10 },
            volumeMounts: [{ name: 'data', mountPath: '/var/lib/rabbitmq' }],
          },
        ],
        programs: { rabbitmq: () => serving(brokerLog, { readyAfterMs: UP_AT - DOWN_AT - 15 * SECOND }) },
      },
    },
    ...CONSUMERS.map(deployment),
  ],
  services: [{ namespace: 'shop', name: 'rabbitmq', port: 5672, app: 'rabbitmq', clusterIP: BROKER_IP }],
};
