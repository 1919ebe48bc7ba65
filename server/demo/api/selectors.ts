import type { KubeObject } from '@/server/demo/kube-types';
import { badRequest } from './status';

type Test = (object: KubeObject) => boolean;

/** Field labels of the kinds that have more than name and namespace (crash-semantics 8.2). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  jobs: ['status.successful'],
  namespaces: ['status.phase'],
};

function fieldOf(object: KubeObject, path: string): string {
  if (path === 'source') {
    const source = object.source as { component?: string } | undefined;
    return source?.component ?? String(object.reportingComponent ?? '');
  }
  let value: unknown = object;
  for (const part of path === 'status.successful' ? ['status', 'succeeded'] : path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  }
  return value === undefined || value === null ? '' : String(value);
}

/** Splits a selector at its top-level commas. */
function terms(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function parseFieldSelector(resource: string, text: string): readonly Test[] {
  return terms(text).map((term) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, path = '', operator, wanted = ''] = match;
    const known = ['metadata.name', 'metadata.namespace', ...(FIELDS[resource] ?? [])];
    if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
    return operator === '!=' ? (one) => fieldOf(one, path) !== wanted : (one) => fieldOf(one, path) === wanted;
  });
}

function parseLabelSelector(text: string): readonly Test[] {
  return terms(text).map((term) => {
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    const equal = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
    const exists = /^(!?)([^=!\s]+)$/.exec(term);
    const label = (object: KubeObject, key: string): string | undefined => object.metadata.labels?.[key];
    if (set) {
      const [, key = '', operator, list = ''] = set;
      const values = list.split(',').map((value) => value.trim());
      const isIn: Test = (object) => values.includes(label(object, key) ?? '\0');
      return operator === 'in' ? isIn : (object) => !isIn(object);
    }
    if (equal) {
      const [, key = '', operator, value = ''] = equal;
      return operator === '!=' ? (object) => label(object, key) !== value : (object) => label(object, key) === value;
    }
    if (!exists) throw badRequest(`unable to parse requirement: ${term}`);
    const [, negation, key = ''] = exists;
    return (object) => (label(object, key) === undefined) === (negation === '!');
  });
}

/**
 * The test that `fieldSelector`, `labelSelector` and the namespace of a path demand together. Throws a 400 for what
 * cannot be parsed or is not supported for the kind.
 */
export function parseSelection(
  resource: string,
  namespace: string | undefined,
  fieldSelector: string,
  labelSelector: string,
): Test {
  const tests = [...parseFieldSelector(resource, fieldSelector), ...parseLabelSelector(labelSelector)];
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && tests.every((test) => test(object));
}
