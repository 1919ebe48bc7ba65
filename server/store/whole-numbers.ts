import { PostgresDialect, PostgresQueryCompiler, SqliteDialect, SqliteQueryCompiler } from 'kysely';

/**
 * A value of a query as both engines take it. Every number of the schema is whole, but clocks may count in fractions: those are
 * rounded. A number that no engine can keep becomes the nearest that it can, and what is no number 0: one of a cluster's absurd
 * values must not keep all else from being written.
 */
export function whole<T>(value: T): T | number {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.round(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/**
 * A count or code as a column of 32 bits takes it, which is what Kubernetes gives its own (`int32` in core/v1): the nearest where
 * it is larger. PostgreSQL refuses what exceeds its column, and with it all that is written beside it.
 */
export function count32(value: number): number {
  return Math.min(Math.max(whole(value), -(2 ** 31)), 2 ** 31 - 1);
}

/** Compiles queries for SQLite whose numbers are whole. */
export class WholeSqliteCompiler extends SqliteQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    super.appendValue(whole(parameter));
  }
}

class WholePostgresCompiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    super.appendValue(whole(parameter));
  }
}

/** Kysely's dialect for SQLite, with whole numbers only. */
export class WholeSqliteDialect extends SqliteDialect {
  override createQueryCompiler(): SqliteQueryCompiler {
    return new WholeSqliteCompiler();
  }
}

/** Kysely's dialect for PostgreSQL, with whole numbers only. */
export class WholePostgresDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new WholePostgresCompiler();
  }
}
