import type { Engine } from './engine';
import type { Trx } from './schema';

/** One step of the schema. Steps that were released are never edited: a change is a new step. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  up(trx: Trx, engine: Engine['name']): Promise<void>;
}
