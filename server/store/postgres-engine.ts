import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { UnloopError } from '@/lib/domain/unloop-error';
import { type Engine, type Explained, wordsOf } from './engine';
import type { Tables } from './schema';
import { WholePostgresDialect } from './whole-numbers';

const CONNECTIONS_MAX = 5;
const CONNECT_TIMEOUT_MS = 10_000;
/** A query that waits longer has failed: a server that hangs, or tables that somebody keeps locked, must not hold writers for ever. */
const QUERY_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 10_000;
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
  'part',
  'evidence',
  'evidence_part',
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
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'unloop',
    types: {
      // bigint and numeric come as text otherwise; ours are instants and counts, far below 2^53.
      getTypeParser: (oid: number, format?: string) =>
        oid === INT8_OID || oid === NUMERIC_OID
          ? Number
          : pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text'),
    },
  });
  // A connection that breaks is replaced by the next query, which is the one to fail if the server is gone; a query that runs on it
  // fails by itself. Unheard, the events would end the process: of idle connections the pool tells, of busy ones they themselves.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new WholePostgresDialect({ pool }) });
  return {
    name: 'postgres',
    place,
    memoryReason: '',
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
    prepare: async () => {},
    explain,
    mayPass: (error) => !isRefusal(error),
    close: () => db.destroy(),
  };
}

/** SQLSTATE classes 28 (password), 3D (no such database), 3F (no such schema), 42 (no right, or foreign tables): no wait mends them. */
function isRefusal(error: unknown): boolean {
  return error instanceof UnloopError || (error instanceof pg.DatabaseError && /^(28|3D|3F|42)/.test(error.code ?? ''));
}

function explain(error: unknown): Explained | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '53100')
    return {
      what: `the disk of the database is full (${wordsOf(error)})`,
      remedy: 'Free space on the disk of the database.',
    };
  if (code.startsWith('57P') || code.startsWith('08') || /^E[A-Z]+$/.test(code) || isCut(error))
    return {
      what: `the database cannot be reached (${wordsOf(error)})`,
      remedy: 'Start the database, or correct DATABASE_URL. Unloop tries again by itself.',
    };
  return null;
}

/** The words of pg for connections that end or do not come about; they have no code. */
function isCut(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout e|Query read timeout|Client has encountered)/.test(error.message)
  );
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
