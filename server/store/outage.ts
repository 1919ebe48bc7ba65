import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';
import type { TestEngine } from './fresh-place';
import type { StoreOptions } from './open-store';

/** A place for a history that can be made to fail, as often as one likes. */
export interface Outage {
  readonly title: string;
  readonly options: StoreOptions;
  begin(): Promise<void>;
  end(): Promise<void>;
  drop(): Promise<void>;
}

/** Makes the outage that an engine knows: a full disk for SQLite, an unreachable server for PostgreSQL. */
export function outageOf(engine: TestEngine): Promise<Outage> {
  return engine.name === 'SQLite' ? fullDisk(engine) : awayServer(engine);
}

/** SQLite allots no page beyond `max_page_count` and then fails as on a full disk, with SQLITE_FULL (sqlite.org/pragma.html). */
async function fullDisk(engine: TestEngine): Promise<Outage> {
  const place = await engine.fresh();
  let database: DatabaseSync | null = null;
  const limit = (pages: number) => database?.exec(`pragma max_page_count=${pages}`);
  return {
    title: 'a full disk',
    options: { ...place.options, onDatabase: (opened) => (database = opened) },
    // Below the present size means: no page more than there are.
    begin: async () => limit(1),
    end: async () => limit(1_000_000),
    drop: place.drop,
  };
}

/** PostgreSQL behind a proxy on loopback that is cut: connections break, new ones are refused. */
async function awayServer(engine: TestEngine): Promise<Outage> {
  const place = await engine.fresh();
  const url = new URL(place.options.databaseUrl ?? '');
  const proxy = new CutProxy(url.hostname, Number(url.port || 5432));
  url.port = String(await proxy.listen());
  url.hostname = '127.0.0.1';
  return {
    title: 'PostgreSQL away',
    options: { databaseUrl: url.href, dataDir: null },
    begin: () => proxy.cut(),
    end: async () => {
      await proxy.listen();
    },
    async drop() {
      await proxy.cut();
      await place.drop();
    },
  };
}

class CutProxy {
  readonly #host: string;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#target = port;
  }

  /** The port, the same each time. */
  async listen(): Promise<number> {
    const server = createServer((client) => {
      const upstream = connect(this.#target, this.#host);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
        // A cut socket fails; its other half is cut with it.
        socket.on('error', () => socket.destroy());
      }
      client.pipe(upstream).pipe(client);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
    return this.#port;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (!server) return;
    server.close();
    await once(server, 'close');
  }
}
