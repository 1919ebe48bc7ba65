import { PostgresDialect, PostgresQueryCompiler, SqliteDialect, SqliteQueryCompiler } from 'kysely';

/**
 * A value of a query as both engines take it. Every number of the schema is whole, but clocks may count in fractions: those are
 * rounded. Throws for what is no number that can be kept.
 */
export function whole(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const rounded = Math.round(value);
  if (Number.isSafeInteger(rounded)) return rounded;
  throw new RangeError(`the number ${value} cannot be kept`);
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
