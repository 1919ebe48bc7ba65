import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, request } from 'undici';
import { redactText } from '@/lib/domain/redact/text';
import { UnloopError } from '@/lib/domain/unloop-error';
import packageJson from '@/package.json' with { type: 'json' };
import type { ClusterTarget } from './cluster-targets';
import { quote } from './foreign-answer';
import { asRecord, asText } from './json-field';
import type { AccessOptions, KubeAccess } from './kube-access';
import {
  ACCOUNT,
  type Call,
  type CallOptions,
  headersOf,
  type KubeCaller,
  type KubeIdentity,
  type KubeStream,
  type KubeVerb,
} from './kube-call';
import { KubeError, messageOf, unreachable } from './kube-error';
import { readBody } from './read-body';
import { readStatusBody } from './read-status';

const CONNECT_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 60_000;
const REFUSAL_BYTES_MAX = 20_000;
const RETRIES_429 = 2;
const RETRY_AFTER_MS_MAX = 10_000;
const RELOAD_PAUSE_MS = 10_000;
/** Files and plugins are not asked again for each of many requests in the same moment. */
const CREDENTIALS_KEPT_MS = 1_000;
/** Longer than a plugin takes that asks nobody. */
const CREDENTIALS_WAIT_MS = 8_000;
const USER_AGENT = `unloop/${packageJson.version}`;

/**
 * Speaks to one API server over one connection pool of its own. Credentials are asked for at each request (exec plugins, rotating
 * token files, client certificates); the pool is replaced only when they change. The client library makes a new pool per request.
 */
export class KubeClient implements KubeCaller {
  readonly target: ClusterTarget;
  #access: KubeAccess | null;
  #pool: Dispatcher | null = null;
  #poolKey = '';
  #poolCredentials: AccessOptions | null = null;
  #credentials: Promise<AccessOptions> | null = null;
  #credentialsUntil = 0;
  #reloadedAt = 0;
  #closed = false;

  constructor(target: ClusterTarget) {
    this.target = target;
    this.#access = target.kubeConfig;
  }

  /** Address of the API server as it may be shown, by the configuration that was read last. */
  get server(): string {
    const access = this.#access;
    return access ? redactText(access.cluster.server) : this.target.server;
  }

  /** The context's own namespace, by the configuration that was read last. */
  get namespace(): string | null {
    const access = this.#access;
    return access?.context.namespace || this.target.namespace;
  }

  /** Asks by other entries of the configuration from the next request on; what is under way runs to its end. */
  take(access: KubeAccess): void {
    this.#access?.stop();
    this.#access = access;
    this.#credentials = null;
    this.#credentialsUntil = 0;
    this.#reloadedAt = 0;
  }

  /** Calls in this name, over the same connections. The client's own calls are the account's. */
  as(identity: KubeIdentity): KubeCaller {
    return {
      open: (verb, path, options = {}) => this.#send({ verb, path, options, identity }),
      json: async (verb, path, options = {}) =>
        await this.#json(await this.#send({ verb, path, options, identity }), options.signal),
    };
  }

  /** See `KubeCaller`; in the account's name. */
  async open(verb: KubeVerb, path: string, options: CallOptions = {}): Promise<KubeStream> {
    return await this.as(ACCOUNT).open(verb, path, options);
  }

  /** See `KubeCaller`; in the account's name. */
  async json(verb: KubeVerb, path: string, options: CallOptions = {}): Promise<unknown> {
    return await this.as(ACCOUNT).json(verb, path, options);
  }

  /** `gitVersion` of the API server, `v1.34.4`. Throws as `open`. */
  async version(options: CallOptions = {}): Promise<string> {
    return asText(asRecord(await this.json('GET', '/version', options)).gitVersion);
  }

  /** Closes all connections and ends a credential plugin that is under way; requests that are under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#access?.stop();
    const pool = this.#pool;
    this.#pool = null;
    await pool?.destroy();
  }

  async #json(stream: KubeStream, signal: AbortSignal | undefined): Promise<unknown> {
    let body: Buffer;
    try {
      body = await readBody(stream);
    } catch (error) {
      if (signal?.aborted || error instanceof KubeError) throw error;
      throw unreachable(this.server, error);
    }
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      const what = body.length === 0 ? 'an empty body' : `something other than JSON: ${quote(body)}`;
      throw new KubeError(stream.status, '', `the answer is ${what}`);
    }
  }

  async #send(call: Call): Promise<KubeStream> {
    const { options } = call;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(call);
      if (answer.statusCode < 300) {
        const type = String(answer.headers['content-type'] ?? '');
        return {
          body: answer.body,
          contentType: (type.split(';', 1)[0] ?? '').trim().toLowerCase(),
          status: answer.statusCode,
        };
      }
      const error = await this.#errorOf(answer, options.signal);
      if (error.status === 429 && attempt < RETRIES_429) {
        await pause(Math.min(error.retryAfterMs ?? 1_000, RETRY_AFTER_MS_MAX), options.signal);
        continue;
      }
      if (error.status === 401 && attempt === 0 && this.#renewCredentials()) continue;
      throw error;
    }
  }

  async #once(call: Call, isRetry = false): Promise<Dispatcher.ResponseData> {
    const { verb, path, options, identity } = call;
    if (this.#closed) throw new UnloopError('cluster-unreachable', `The connection to ${this.server} was closed`);
    const access = this.#access;
    const credentials = await this.#applyCredentials();
    // The credentials of one configuration are not shown to the server of another.
    if (!access || access !== this.#access) return await this.#once(call, isRetry);
    const { server } = access.cluster;
    const headers = {
      accept: options.accept ?? 'application/json',
      'user-agent': USER_AGENT,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headersOf(identity, credentials),
    };
    try {
      return await request(server.replace(/\/+$/, '') + path, {
        method: verb,
        dispatcher: this.#poolFor(credentials, access),
        headers,
        body: options.body === undefined ? null : JSON.stringify(options.body),
        signal: options.signal ?? null,
        bodyTimeout: options.bodyTimeout ?? 60_000,
        headersTimeout: HEADERS_TIMEOUT_MS,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      // A kept connection may be closed by the server at the moment it is used again.
      if (isRetry || verb !== 'GET' || !isReset(error)) throw unreachable(this.server, error);
    }
    return await this.#once(call, true);
  }

  async #errorOf(answer: Dispatcher.ResponseData, signal: AbortSignal | undefined): Promise<KubeError> {
    const parts: Buffer[] = [];
    let failure = '';
    try {
      let size = 0;
      for await (const chunk of answer.body) {
        parts.push(chunk);
        size += chunk.length;
        if (size > REFUSAL_BYTES_MAX) break;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      failure = messageOf(error);
    }
    const status = readStatusBody(Buffer.concat(parts));
    const seconds = Number(answer.headers['retry-after']);
    return new KubeError(
      answer.statusCode,
      status.reason,
      status.message || failure || `HTTP ${answer.statusCode}`,
      Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
    );
  }

  /** Concurrent requests share one run of a credential plugin, and what was read serves for a second. */
  async #applyCredentials(): Promise<AccessOptions> {
    const access = this.#access;
    if (!access) {
      throw new UnloopError('misconfigured', this.target.problem ?? `No configuration for ${this.target.id}`);
    }
    if (this.#credentials && Date.now() < this.#credentialsUntil) return await this.#inTime(this.#credentials, access);
    this.#credentialsUntil = Number.POSITIVE_INFINITY;
    const asked = (async () => {
      try {
        const options = await access.options();
        this.#credentialsUntil = Date.now() + CREDENTIALS_KEPT_MS;
        return options;
      } catch (cause) {
        throw credentialsFailed(access, cause);
      }
    })();
    this.#credentials = asked;
    asked.catch(() => {
      if (this.#credentials === asked) this.#credentials = null;
    });
    return await this.#inTime(asked, access);
  }

  /** A plugin may wait for a person to log in: it goes on, and the next request takes its answer, but this one says what it waits for. */
  async #inTime(asked: Promise<AccessOptions>, access: KubeAccess): Promise<AccessOptions> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, refuse) => {
      timer = setTimeout(() => {
        const command = access.user.exec?.command;
        const who = command ? `The credential plugin "${command}"` : 'Reading the credentials';
        refuse(
          new UnloopError(
            'misconfigured',
            `${who} of context "${access.context.name}" has not answered for ${CREDENTIALS_WAIT_MS / 1000} s`,
            'It may wait for you to log in; Unloop takes its answer as soon as it comes.',
          ),
        );
      }, CREDENTIALS_WAIT_MS);
    });
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads the configuration anew and forgets cached plugin tokens, at most every 10 s. Gives whether a further try makes sense. */
  #renewCredentials(): boolean {
    const now = Date.now();
    const access = this.#access;
    if (!access || now - this.#reloadedAt < RELOAD_PAUSE_MS) return false;
    this.#reloadedAt = now;
    this.#credentials = null;
    try {
      this.#access = this.target.reload?.() ?? access.fresh();
    } catch (error) {
      // Half-written or removed just now: what was read before serves until the next try.
      if (!(error instanceof UnloopError)) throw error;
      this.#access = access.fresh();
    }
    access.stop();
    return true;
  }

  #poolFor(credentials: AccessOptions, access: KubeAccess): Dispatcher {
    if (this.#pool && credentials === this.#poolCredentials) return this.#pool;
    this.#poolCredentials = credentials;
    const { ca, cert, key, rejectUnauthorized, servername } = credentials;
    const { server } = access.cluster;
    const proxy = access.cluster.proxyUrl ?? '';
    const hash = createHash('sha256');
    for (const part of [server, ca, cert, key, rejectUnauthorized, servername, proxy]) hash.update(`${String(part)}\0`);
    const poolKey = hash.digest('hex');
    if (this.#pool && poolKey === this.#poolKey) return this.#pool;
    // Requests on the old pool run to their end.
    const old = this.#pool;
    if (old) setTimeout(() => void old.destroy(), 600_000).unref();
    const { headers: _, ...tls } = credentials;
    const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelay: 15_000 };
    // No limit on connections: each watch holds one for minutes, and a limit would starve the reads behind them.
    if (proxy) this.#pool = new ProxyAgent({ uri: proxy, requestTls: tls, connect });
    else if (usesEnvironmentProxy(server)) this.#pool = new EnvHttpProxyAgent({ requestTls: tls, connect });
    else this.#pool = new Agent({ connect, headersTimeout: HEADERS_TIMEOUT_MS });
    this.#poolKey = poolKey;
    return this.#pool;
  }
}

function credentialsFailed(access: KubeAccess, cause: unknown): UnloopError {
  const { exec } = access.user;
  const { name } = access.context;
  if (!exec) {
    return new UnloopError(
      'misconfigured',
      `The credentials of context "${name}" cannot be read: ${messageOf(cause)}`,
      'Check the files that the kubeconfig names.',
      { cause },
    );
  }
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
    return new UnloopError(
      'misconfigured',
      `The credential plugin "${exec.command}" of context "${name}" is not installed where Unloop runs`,
      asText(exec.installHint) || 'Install it, or put its directory into PATH, and start Unloop again.',
      { cause },
    );
  }
  const said = cause instanceof TypeError ? 'what it printed is no ExecCredential' : messageOf(cause);
  return new UnloopError(
    'misconfigured',
    `The credential plugin "${exec.command}" of context "${name}" failed: ${said === 'Error' ? 'it said nothing' : said}`,
    `Run "${exec.command}" by hand, or log in again with your provider's tool.`,
    { cause },
  );
}

/** As kubectl: HTTPS_PROXY, HTTP_PROXY and NO_PROXY count, but never for loopback. */
function usesEnvironmentProxy(server: string): boolean {
  const { env } = process;
  if (!(env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy)) return false;
  return !/^https?:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?(?:\/|$)/i.test(server);
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(String(error.code));
}

/** Waits. Rejects with the signal's reason when it aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
