import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { Engine } from './engine';
import type { Tables } from './schema';

const CONNECTIONS_MAX = 5;
const CONNECT_TIMEOUT_MS = 10_000;
/** Names Unloop's lock among the advisory locks of a database: "Unlo" in ASCII. */
const LOCK_CLASS = 0x556e6c6f;
const INT8_OID = 20;
const NUMERIC_OID = 1700;
/** Bytes of a row beside its columns (header and line pointer), and what its index entries add to the whole, measured. */
const ROW_OVERHEAD_BYTES = 28;
const INDEX_SHARE = 1.5;

const MEASURED = [
  'run',
  'log',
  'loop',
  'pod_container',
  'event',
  'diagnosis',
  'change',
  'episode',
  'hour_total',
] as const;

/**
 * Opens a history in PostgreSQL, in the first schema of the connection's search path. Takes a `postgres://` URL. Throws
 * `misconfigured` for a URL that cannot be read; whether the server answers is seen with the first query.
 */
export function openPostgres(databaseUrl: string): Engine {
  const place = placeOf(databaseUrl);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'unloop',
    types: {
      // bigint and numeric come as text otherwise; ours are instants and counts, far below 2^53.
      getTypeParser: (oid: number, format?: string) =>
        oid === INT8_OID || oid === NUMERIC_OID
          ? Number
          : pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text'),
    },
  });
  // An idle connection that breaks is replaced by the next query, which is the one to fail if the server is gone. Unheard,
  // the event would end the process.
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    name: 'postgres',
    place,
    db,
    reads: db,
    async lock(trx) {
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_CLASS)}, hashtext(current_schema()))`.execute(trx);
    },
    async liveBytes() {
      let bytes = 0;
      for (const table of MEASURED) {
        const row = await db
          .selectFrom(sql`${sql.table(table)}`.as('t'))
          .select(sql<number>`coalesce(sum(pg_column_size(t.*) + ${sql.lit(ROW_OVERHEAD_BYTES)}), 0)`.as('bytes'))
          .executeTakeFirstOrThrow();
        bytes += row.bytes;
      }
      return bytes * INDEX_SHARE;
    },
    // Autovacuum does it.
    tidy: async () => {},
    close: () => db.destroy(),
  };
}

function placeOf(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    if (!/^postgres(ql)?:$/.test(url.protocol)) throw new Error(`protocol ${url.protocol}`);
    const host = url.hostname || url.searchParams.get('host') || 'localhost';
    return `PostgreSQL ${host}:${url.port || url.searchParams.get('port') || '5432'}${url.pathname}`;
  } catch {
    // The cause is left out: it would show the URL, and with it the password.
    throw new UnloopError(
      'misconfigured',
      'The database URL cannot be read.',
      'DATABASE_URL must look like postgres://user:password@host:5432/database.',
    );
  }
}
