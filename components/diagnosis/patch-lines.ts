import { dump, load } from 'js-yaml';
import type { StepBody } from '@/lib/contract/step';

type PatchStep = Extract<StepBody, { kind: 'patch' }>;

/** One line of a patch as YAML: what it adds, what it takes away, what only says where. */
export interface PatchLine {
  readonly kind: 'add' | 'del' | 'same';
  readonly text: string;
}

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the pod spec stands in the workload kinds that carry one. */
const TEMPLATE: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/**
 * A patch as the lines of a YAML diff. Old values come from the failing pod's YAML (`podYaml`, null where it was not
 * seen) as far as the patch touches its spec; elsewhere only the new values are known and shown as added.
 */
export function patchLines(
  step: Pick<PatchStep, 'patch' | 'patchType' | 'target'>,
  podYaml: string | null,
): PatchLine[] {
  const podSpec = readPodSpec(podYaml);
  const path = podSpec === undefined ? undefined : TEMPLATE[step.target.kind];
  const current = path?.toReversed().reduce<Json>((inner, key) => ({ [key]: inner }), { spec: podSpec });
  const lines: PatchLine[] = [];
  if (Array.isArray(step.patch)) {
    for (const operation of step.patch) jsonOperation(operation, current, lines);
  } else if (isFields(step.patch)) {
    fields({ podSpec, lines }, step.patch, current, { indent: '', lead: '', seen: false, isNew: false });
  }
  return lines;
}

interface Sheet {
  readonly podSpec: Json;
  readonly lines: PatchLine[];
}

/** Where the writing stands: `lead` opens the first field, `seen` says that the old values are known, `isNew` that there are none. */
interface Place {
  readonly indent: string;
  readonly lead: string;
  readonly seen: boolean;
  readonly isNew: boolean;
}

function readPodSpec(podYaml: string | null): Json {
  if (podYaml === null) return undefined;
  try {
    const pod = load(podYaml);
    return isFields(pod) && isFields(pod.spec) ? pod.spec : undefined;
  } catch {
    // A YAML that was cut in an odd place: then only the new values are shown.
    return undefined;
  }
}

const scalar = (value: Json): string =>
  typeof value === 'string' && value.includes('\n') ? JSON.stringify(value) : dump(value, { lineWidth: -1 }).trimEnd();

const isLeaf = (value: Json): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0 || isPlainList(value);

/** A list of scalars is shown in one line: `["sh", "-c"]`. */
function isPlainList(value: Json): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

const leafText = (value: Json): string => (isPlainList(value) ? JSON.stringify(value) : scalar(value));

function fields(sheet: Sheet, patch: Fields, current: Json, place: Place): void {
  const seen = place.seen || (current !== undefined && current === sheet.podSpec);
  let lead = place.lead;
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    field(sheet, key, value, isFields(current) ? current[key] : undefined, { ...place, lead, seen });
    lead = place.indent;
  }
}

function field(sheet: Sheet, key: string, value: Json, before: Json, place: Place): void {
  const { lines } = sheet;
  const { indent, lead } = place;
  const isNew = place.isNew || (place.seen && before === undefined);
  if (value === null) {
    lines.push({ kind: 'del', text: `${lead}${key}:${before === undefined ? '' : inline(before)}` });
    return;
  }
  if (isLeaf(value)) {
    const text = leafText(value);
    const old = before !== undefined && isLeaf(before) ? leafText(before) : null;
    const isSame = old === text || (key === 'name' && lead !== indent && !isNew);
    if (old !== null && !isSame) lines.push({ kind: 'del', text: `${lead}${key}: ${old}` });
    lines.push({ kind: isSame ? 'same' : 'add', text: `${lead}${key}: ${text}` });
    return;
  }
  lines.push({ kind: isNew ? 'add' : 'same', text: `${lead}${key}:` });
  const inside = { indent: `${indent}  `, lead: `${indent}  `, seen: place.seen, isNew };
  if (Array.isArray(value)) items(sheet, value, before, inside);
  else if (isFields(value)) fields(sheet, value, before, inside);
}

/** Lists of Kubernetes are merged by name: the item of that name is the one that changes. */
function items(sheet: Sheet, list: readonly Json[], before: Json, place: Place): void {
  for (const item of list) {
    if (!isFields(item)) {
      sheet.lines.push({ kind: 'add', text: `${place.indent}- ${scalar(item)}` });
      continue;
    }
    if (item.$patch === 'delete') {
      sheet.lines.push({ kind: 'del', text: `${place.indent}- name: ${scalar(item.name)}` });
      continue;
    }
    const known = Array.isArray(before) ? before.find((old) => isFields(old) && old.name === item.name) : undefined;
    const { name, ...rest } = item;
    fields(sheet, name === undefined ? rest : { name, ...rest }, known, {
      indent: `${place.indent}  `,
      lead: `${place.indent}- `,
      seen: place.seen,
      isNew: place.isNew || (place.seen && known === undefined),
    });
  }
}

function inline(value: Json): string {
  return isLeaf(value) ? ` ${leafText(value)}` : ' …';
}

function jsonOperation(operation: Json, current: Json, lines: PatchLine[]): void {
  if (!isFields(operation) || typeof operation.path !== 'string') return;
  const path = operation.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const before = path.reduce<Json>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isFields(inner) ? inner[key] : undefined;
  }, current);
  const parent = path.slice(0, -1).join('.');
  const key = path.at(-1) ?? '';
  if (parent !== '') lines.push({ kind: 'same', text: `${parent}:` });
  const lead = parent === '' ? '' : '  ';
  const name = /^(?:\d+|-)$/.test(key) ? '- ' : `${key}: `;
  if (operation.op === 'remove' || (operation.op === 'replace' && before !== undefined)) {
    lines.push({ kind: 'del', text: `${lead}${name}${before === undefined ? '' : oneLine(before)}` });
  }
  if (operation.op === 'add' || operation.op === 'replace') {
    const value = operation.value;
    if (isLeaf(value)) lines.push({ kind: 'add', text: `${lead}${name}${leafText(value)}` });
    else {
      if (name !== '- ') lines.push({ kind: 'add', text: `${lead}${name.trimEnd()}` });
      for (const line of dump(value, { lineWidth: -1 }).trimEnd().split('\n')) {
        lines.push({ kind: 'add', text: `${lead}  ${line}` });
      }
    }
  }
}

function oneLine(value: Json): string {
  return isLeaf(value) ? leafText(value) : JSON.stringify(value);
}
