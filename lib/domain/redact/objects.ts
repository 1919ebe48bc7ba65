import { withholdArgs } from './command-line';
import { kindOfName } from './names';
import { redactText, redactValue } from './text';
import { counted, mark, type Withhold } from './withheld';

const DROPPED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
/** Maps of free names to texts: of volumes (csi, flexVolume), storage classes, objects' metadata. */
const NAMED_TEXTS = new Set(['annotations', 'labels', 'options', 'volumeAttributes', 'parameters', 'matchLabels']);

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The executable that a container's command and arguments run, without its folder. */
function programOf({ command, args }: Fields): string {
  const [first] = [command, args].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  return typeof first === 'string' ? (first.split('/').at(-1) ?? '') : '';
}

function redactUnknown(value: unknown, withhold: Withhold): unknown {
  if (typeof value === 'string') return redactText(value, withhold);
  if (Array.isArray(value)) return value.map((each) => redactUnknown(each, withhold));
  if (!isFields(value)) return value;
  const isPair = typeof value.name === 'string' && typeof value.value === 'string';
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === 'managedFields') return [];
      if (NAMED_TEXTS.has(key) && isFields(inner)) return [[key, redactNamed(inner, withhold)]];
      if ((key === 'args' || key === 'command') && Array.isArray(inner))
        return [[key, redactCommand(inner, programOf(value), withhold)]];
      if (isPair && key === 'value') return [[key, redactValue(String(value.name), String(inner), withhold)]];
      const isPassword = typeof inner === 'string' && kindOfName(key) === 'a password';
      return [[key, isPassword ? redactValue(key, inner, withhold) : redactUnknown(inner, withhold)]];
    }),
  );
}

function redactNamed(texts: Fields, withhold: Withhold): Fields {
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([name]) => name !== DROPPED_ANNOTATION)
      .map(([name, text]) => [
        name,
        typeof text === 'string' ? redactValue(name, text, withhold) : redactUnknown(text, withhold),
      ]),
  );
}

function redactCommand(list: readonly unknown[], program: string, withhold: Withhold): unknown[] {
  if (!list.every((item) => typeof item === 'string')) return list.map((item) => redactUnknown(item, withhold));
  return withholdArgs(list, program, withhold, (text) => redactText(text, withhold));
}

/** A command and its arguments as they may be shown; `program` as in `/usr/bin/mysql` says which short flags hold a password. */
export function redactArgs(list: readonly string[], program: string): string[] {
  return withholdArgs(list, program.split('/').at(-1) ?? '', mark, redactText);
}

/**
 * A copy of a Kubernetes object that may be shown and kept: credentials in env values, arguments, annotations, volume options and
 * texts withheld, `managedFields` and the last-applied annotation dropped. `data` and `stringData` of a Secret are dropped whole; of
 * any other object each entry is redacted by its name and text.
 */
export function redactObject(object: Fields, withhold: Withhold = mark): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (key !== 'data' && key !== 'stringData') copy[key] = redactUnknown(value, withhold);
    else if (object.kind !== 'Secret' && isFields(value)) copy[key] = redactData(value, withhold);
  }
  return copy;
}

/** Kinds that are compared with each other; in a typed list the items have no kind. */
const COMPARED = new Set<unknown>(['ReplicaSet', 'ControllerRevision', undefined]);

/** The same for several objects. In revisions different secrets of a kind are numbered, so that a change of a password still shows. */
export function redactTogether(objects: readonly Fields[]): Record<string, unknown>[] {
  const differing = counted();
  return objects.map((object) => redactAmong(object, differing));
}

/** One of several objects that come one by one; `differing` is theirs in common. */
export function redactAmong(object: Fields, differing: Withhold): Record<string, unknown> {
  return redactObject(object, COMPARED.has(object.kind) ? differing : mark);
}

/** A ConfigMap holds texts by name; a ControllerRevision a part of its owner. */
function redactData(data: Fields, withhold: Withhold): unknown {
  return Object.values(data).every((each) => typeof each === 'string')
    ? redactNamed(data, withhold)
    : redactUnknown(data, withhold);
}
