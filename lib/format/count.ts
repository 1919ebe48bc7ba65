/** A whole number with thousands separators: `1,284`. */
export function formatCount(value: number): string {
  return String(Math.trunc(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A number with its noun: `1 loop`, `19 loops`, `2 replicas`. `many` defaults to `one` + `s`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
