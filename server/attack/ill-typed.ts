/** Values that stand where another type belongs. */
const WRONG: readonly unknown[] = [null, true, -1, 1e300, '', 'x\0\u001b[2J\ud800', [], [[null]], {}, { toString: 1 }];

/**
 * Gives copies of a JSON value, each with one field, at whatever depth, of a wrong type or left out, and a name for each: the path and
 * what stands there.
 */
export function* illTyped(value: unknown): Generator<readonly [name: string, value: unknown]> {
  for (const path of pathsOf(value, [])) {
    const wrong = WRONG[path.length % WRONG.length];
    // Each path with three of the values, by turns: all of them together are met at every depth.
    for (const given of [wrong, WRONG[(path.join('').length + 3) % WRONG.length], undefined]) {
      yield [`${path.join('.')} = ${JSON.stringify(given) ?? 'nothing'}`, withValue(value, path, given)];
    }
  }
}

function* pathsOf(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* pathsOf(inner, [...path, key]);
}

function withValue(value: unknown, [key, ...rest]: readonly string[], given: unknown): unknown {
  if (key === undefined) return given;
  if (Array.isArray(value))
    return value.map((inner, at) => (String(at) === key ? withValue(inner, rest, given) : inner));
  const fields = Object.entries(value as object);
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, name === key ? withValue(inner, rest, given) : inner]),
  );
}
