import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

const STATEMENTS_KEPT = 200;

/** Makes a `node:sqlite` database the one that Kysely's SQLite dialect expects. Statements are prepared once and kept. */
export function toSqliteDatabase(raw: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => raw.close(),
    prepare(sql) {
      const found = kept.get(sql);
      if (found) return found;
      // A deferred transaction that turns into a writer fails at once when another process wrote meanwhile; an immediate one waits.
      const made = toStatement(raw.prepare(sql === 'begin' ? 'begin immediate' : sql));
      if (sql === 'rollback') return onlyInTransaction(raw, made);
      if (kept.size >= STATEMENTS_KEPT) kept.clear();
      kept.set(sql, made);
      return made;
    },
  };
}

/** On a full disk SQLite rolls back by itself (sqlite.org/lang_transaction.html): a second time would be an error that hides the first. */
function onlyInTransaction(raw: DatabaseSync, rollback: SqliteStatement): SqliteStatement {
  return {
    ...rollback,
    run: (values) => (raw.isTransaction ? rollback.run(values) : { changes: 0, lastInsertRowid: 0 }),
  };
}

function toStatement(statement: StatementSync): SqliteStatement {
  // Kysely passes only what the query code gave it: strings, numbers, null and bytes.
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
