/**
 * Roles of the list, spread onto its elements: at 390 px a row becomes a card (`display: grid`), and a browser that takes
 * the role of a table from its display would then read no table.
 */
export const TABLE = { role: 'table' } as const;
export const ROW_GROUP = { role: 'rowgroup' } as const;
export const ROW = { role: 'row' } as const;
export const COLUMN_HEADER = { role: 'columnheader' } as const;
export const CELL = { role: 'cell' } as const;
/** A row that only keeps the place of rows that are not rendered. */
export const SPACER = { className: 'spacer', 'aria-hidden': true } as const;
