import type { FieldChange, PathPart } from './operation';

type Fields = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merge keys of the pod spec's lists that are merged item by item (`patchMergeKey` in core/v1 types.go); `name` elsewhere. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

/** Takes a patch body apart into its field changes. Throws for a list of objects whose items lack their merge key. */
export function fieldChanges(body: Fields): readonly FieldChange[] {
  return Object.entries(body).flatMap(([key, value]) => changesAt([key], value));
}

function changesAt(path: readonly PathPart[], value: unknown): readonly FieldChange[] {
  if (isFields(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, inner]) => changesAt([...path, key], inner));
  }
  if (!Array.isArray(value) || !value.some(isFields)) return [{ path, value }];
  const list = path.at(-1);
  const mergeKey = typeof list === 'string' ? (MERGE_KEYS[list] ?? 'name') : 'name';
  return value.flatMap((item: unknown) => {
    const is = isFields(item) ? item[mergeKey] : undefined;
    if (!isFields(item) || (typeof is !== 'string' && typeof is !== 'number')) {
      throw new TypeError(`an item of ${String(list)} has no ${mergeKey}`);
    }
    const { [mergeKey]: _known, ...rest } = item;
    const itemPath = [...path, { key: mergeKey, is: String(is) }];
    return Object.keys(rest).length === 0 ? [{ path: itemPath, value: {} }] : itemChanges(itemPath, rest);
  });
}

function itemChanges(path: readonly PathPart[], fields: Fields): readonly FieldChange[] {
  return Object.entries(fields).flatMap(([key, inner]) => changesAt([...path, key], inner));
}

/** Puts field changes together into the body of a strategic or merge patch, and of the YAML fragment. */
export function patchBody(changes: readonly FieldChange[]): Record<string, unknown> {
  const body: Draft = {};
  for (const { path, value } of changes) put(body, path, value);
  return body;
}

function put(into: Draft, [part, next, ...rest]: readonly PathPart[], value: unknown): void {
  if (typeof part !== 'string') return;
  if (next === undefined) {
    into[part] = value;
    return;
  }
  if (typeof next === 'string') {
    const inner = isFields(into[part]) ? (into[part] as Draft) : {};
    into[part] = inner;
    put(inner, [next, ...rest], value);
    return;
  }
  const known: unknown = into[part];
  const list: unknown[] = Array.isArray(known) ? known : [];
  into[part] = list;
  const found = list.find((one): one is Draft => isFields(one) && String(one[next.key]) === next.is);
  const item: Draft = found ?? { [next.key]: next.key === 'containerPort' ? Number(next.is) : next.is };
  if (found === undefined) list.push(item);
  if (rest.length > 0) put(item, rest, value);
}
