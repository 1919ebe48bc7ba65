import type { ServerResponse } from 'node:http';
import type { Cluster } from '@/server/demo/cluster';
import type { Pod } from '@/server/demo/kube-types';
import { formatLine, type LogOptions, readContainerLog } from '@/server/demo/kubelet/container-log';
import { type LoggedRun, nextLineAt, readLog } from '@/server/demo/logs/log-script';
import { ApiStatus, badRequest } from './status';

function invalidOptions(field: string, value: string, why: string): ApiStatus {
  const message = `PodLogOptions "" is invalid: ${field}: Invalid value: ${value}: ${why}`;
  return new ApiStatus(422, 'Invalid', message, { details: { kind: 'PodLogOptions' } });
}

function whole(query: URLSearchParams, name: string, least: number): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  const value = Number(text);
  if (value < least) throw invalidOptions(name, text, `must be greater than or equal to ${least}`);
  return value;
}

function isOn(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== 'false' && text !== '0';
}

/** Reads the options of a log call (`ValidatePodLogOptions`, crash-semantics 3.8). Throws ApiStatus 400 or 422. */
function parseOptions(query: URLSearchParams, wallNow: number): LogOptions {
  const sinceSeconds = whole(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== null && sinceTime !== null) {
    throw new ApiStatus(
      422,
      'Invalid',
      'PodLogOptions "" is invalid: at most one of `sinceTime` or `sinceSeconds` may be specified',
    );
  }
  const since = sinceTime === null ? null : Date.parse(sinceTime);
  if (Number.isNaN(since)) throw badRequest(`parsing time "${sinceTime}": cannot parse as RFC 3339`);
  return {
    previous: isOn(query, 'previous'),
    timestamps: isOn(query, 'timestamps'),
    tailLines: whole(query, 'tailLines', 0),
    limitBytes: whole(query, 'limitBytes', 1),
    since: sinceSeconds === null ? since : wallNow - sinceSeconds * 1000,
  };
}

/** Chooses the container of a log call, as the API server does before it asks the kubelet. Throws ApiStatus 400. */
function chooseContainer(pod: Pod, asked: string): string {
  const init = (pod.spec.initContainers ?? []).map((one) => one.name);
  const app = pod.spec.containers.map((one) => one.name);
  const name = pod.metadata.name;
  if (asked === '') {
    const [only, ...others] = app;
    if (only !== undefined && others.length === 0 && init.length === 0) return only;
    const more = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${app.join(' ')}]${more}`);
  }
  if (![...init, ...app].includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}

/** Sends what a running container prints, until it ends, the client leaves or the server stops. */
function follow(
  cluster: Cluster,
  run: LoggedRun,
  timestamps: boolean,
  current: () => LoggedRun | null,
  response: ServerResponse,
): void {
  const { clock } = cluster;
  let sentUntil = clock.now;
  let cancel = (): void => {};
  let live: LoggedRun = run;
  const step = (): void => {
    if (response.destroyed) return;
    // The run's end is known only once it has ended: it is looked at anew each time.
    const now = current();
    const isOver = now === null || now.startedAt !== live.startedAt;
    if (!isOver) live = now;
    const seen: LoggedRun = isOver ? { ...live, finishedAt: live.finishedAt ?? live.endsAt ?? clock.now } : live;
    const text = readLog(seen, clock, sentUntil, clock.now)
      .map((record) => formatLine(clock, record.at, record.text, timestamps))
      .join('');
    sentUntil = clock.now;
    if (text !== '') response.write(text);
    if (isOver || seen.finishedAt !== null) {
      response.end();
      return;
    }
    const next = Math.min(
      nextLineAt(live, clock.now) ?? Number.POSITIVE_INFINITY,
      live.endsAt ?? Number.POSITIVE_INFINITY,
    );
    // Without a next line or a known end it looks again now and then, for a kill from outside.
    cancel = clock.at(Math.min(next + 5, clock.now + 5_000), step);
  };
  response.on('close', () => cancel());
  step();
}

/** Serves `pods/<name>/log`. Throws ApiStatus where the API server or the kubelet refuses. */
export function serveLog(cluster: Cluster, pod: Pod, query: URLSearchParams, response: ServerResponse): void {
  const { clock } = cluster;
  const options = parseOptions(query, clock.wall(clock.now));
  const container = chooseContainer(pod, query.get('container') ?? '');
  const worker = cluster.worker(pod.metadata.uid);
  const slot = worker?.slots.find((one) => one.spec.name === container);
  if (!worker || !slot) {
    response.writeHead(204).end();
    return;
  }
  const answer = readContainerLog(worker, slot, options, clock);
  if (answer.kind === 'refused') throw badRequest(answer.message);
  response.writeHead(200, { 'content-type': 'text/plain' });
  const isFollowed = isOn(query, 'follow') && answer.running !== null;
  if (!isFollowed || answer.running === null) {
    response.end(answer.text);
    return;
  }
  response.flushHeaders();
  response.write(answer.text);
  const current = (): LoggedRun | null => {
    const now = readContainerLog(worker, slot, { ...options, tailLines: 0, previous: false }, clock);
    return now.kind === 'text' ? now.running : null;
  };
  follow(cluster, answer.running, options.timestamps, current, response);
}
