import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { StoreOptions } from './open-store';

const DEFAULT_DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/test';

/** An engine to try the store on. `fresh` gives an empty place and how to remove it. */
export interface TestEngine {
  readonly name: 'SQLite' | 'PostgreSQL';
  fresh(): Promise<{ readonly options: StoreOptions; contents(): Promise<string>; drop(): Promise<void> }>;
}

/** SQLite, and PostgreSQL at `UNLOOP_TEST_DATABASE_URL` or, if that is unset, on this machine where one answers. */
export async function findEngines(): Promise<readonly TestEngine[]> {
  const engines: TestEngine[] = [{ name: 'SQLite', fresh: freshDirectory }];
  if (await postgresAnswers()) engines.push({ name: 'PostgreSQL', fresh: freshSchema });
  return engines;
}

async function freshDirectory() {
  const dataDir = await mkdtemp(join(tmpdir(), 'unloop-store-'));
  return {
    options: { databaseUrl: null, dataDir },
    contents: () => filesIn(dataDir),
    drop: () => rm(dataDir, { recursive: true, force: true }),
  };
}

async function filesIn(directory: string): Promise<string> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const texts = files.map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

/** Rows of all tables of a schema; bytes are given as they are. */
async function rowsOf(schema: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl(), connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    const tables = await client.query('select tablename from pg_tables where schemaname = $1', [schema]);
    const texts: string[] = [];
    for (const { tablename } of tables.rows) {
      const { rows } = await client.query(`select * from ${schema}."${tablename}"`);
      for (const value of rows.flatMap((row: object) => Object.values(row) as unknown[]))
        texts.push(Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

async function freshSchema() {
  const schema = `unloop_${randomUUID().replaceAll('-', '')}`;
  await inDatabase(`create schema ${schema}`);
  const url = new URL(databaseUrl());
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    options: { databaseUrl: url.href, dataDir: null },
    contents: () => rowsOf(schema),
    drop: () => inDatabase(`drop schema ${schema} cascade`),
  };
}

function databaseUrl(): string {
  return process.env.UNLOOP_TEST_DATABASE_URL ?? DEFAULT_DATABASE_URL;
}

async function inDatabase(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(), connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A named database must answer; the default one may be absent, which is said in one line. */
async function postgresAnswers(): Promise<boolean> {
  try {
    await inDatabase('select 1');
    return true;
  } catch (error) {
    if (process.env.UNLOOP_TEST_DATABASE_URL) throw error;
    process.stderr.write(
      'No PostgreSQL answers on 127.0.0.1:5432: its tests are skipped (UNLOOP_TEST_DATABASE_URL).\n',
    );
    return false;
  }
}
