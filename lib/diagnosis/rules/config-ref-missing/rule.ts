import { editObject, kubectl, step } from '@/lib/diagnosis/commands';
import type { ContainerEvidence, Evidence } from '@/lib/diagnosis/evidence';
import { fieldFact, specPath } from '@/lib/diagnosis/facts';
import { defineRule } from '@/lib/diagnosis/rule';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

const OBJECT = /\b(configmaps?|secrets?) "([^"]{1,253})" not found/i;
const KEY = /couldn't find key (\S{1,253}) in (ConfigMap|Secret) ([^/\s]{1,253})\/(\S{1,253})/;
const FILE_KEY = /environment variable key "([^"]{1,253})" not found in file/;

/** Where the spec names the object, as a fact. */
function whereNamed(
  container: ContainerEvidence,
  kind: 'ConfigMap' | 'Secret',
  name: string,
  key: string,
): Fact | null {
  const env = container.env.find(
    ({ from }) => from?.kind === kind && from.name === name && (key === '' || from.key === key),
  );
  if (env?.from)
    return fieldFact(
      specPath(container, `env[${env.name}].valueFrom`),
      `${kind} ${name}, key ${env.from.key}`,
      `${env.name} is to come from it`,
    );
  const whole = container.envFrom.find((one) => one.kind === kind && one.name === name);
  return whole
    ? fieldFact(specPath(container, 'envFrom'), `${kind} ${name}`, 'Its variables are to come from it')
    : null;
}

function create(evidence: Evidence, kind: 'ConfigMap' | 'Secret', name: string, keys: readonly string[]): Step {
  return step(
    'create-object',
    `Create the ${kind}`,
    'Put the values in place of VALUE. The kubelet tries again by itself within seconds.',
    { kind: 'create', object: { kind, namespace: evidence.workload.namespace, name, keys } },
    { kind: 'container-starts' },
  );
}

/**
 * An environment variable is to come from a ConfigMap, Secret or key that does not exist.
 *
 * The kubelet's own words in `CreateContainerConfigError`. The same object missing as a volume holds the pod in
 * `ContainerCreating` and belongs to `volume-mount`.
 */
export const configRefMissing = defineRule({
  id: 'config-ref-missing',
  cause: 'config-ref-missing',
  title: 'Referenced ConfigMap, Secret or key does not exist',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/',
  doc: {
    describe:
      '`CreateContainerConfigError`: `configmap "x" not found`, `secret "x" not found` or `couldn\'t find key k in ConfigMap ns/x`.',
    logs: 'None: it never ran.',
    steps: [
      'See which objects the namespace has: the name may differ by a prefix, or live in another namespace.',
      'Create the object or key, or correct the reference.',
      'Mark the reference `optional: true` where the program can do without.',
    ],
    prevention:
      'Deploy configuration with the workload, in one chart or kustomization, and let CI apply it with a server dry run.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const { container } = evidence;
    const key = matchStartError(evidence, KEY);
    if (key) {
      const [, wanted = '', kind = '', namespace = '', name = ''] = key.match;
      const kindOf = kind === 'Secret' ? 'Secret' : 'ConfigMap';
      const keys = evidence.references?.find((one) => one.kind === kindOf && one.name === name)?.keys;
      const named = whereNamed(container, kindOf, name, wanted);
      return {
        confidence: 'certain',
        what: `${kind} ${name} has no key ${wanted}`,
        sentence: headline(evidence, 'certain', `${kind} ${namespace}/${name} has no key ${wanted}`, 'does not start'),
        facts: [
          key.error.fact,
          ...(named ? [named] : []),
          ...(keys ? [fieldFact(`${kind.toLowerCase()}/${name}`, keys.join(', ') || '(none)', 'The keys it has')] : []),
        ],
        steps: [
          step(
            'see-keys',
            'See the keys it has',
            'The key may be spelt otherwise.',
            kubectl(evidence, 'describe', kindOf.toLowerCase(), name),
          ),
          step(
            'add-key',
            'Add the key',
            'Opens the object; add the key there, or correct the reference in the workload.',
            editObject(evidence, kindOf, name),
            { kind: 'container-starts' },
          ),
        ],
      };
    }
    const object = matchStartError(evidence, OBJECT);
    if (object) {
      const kind = (object.match[1] ?? '').toLowerCase().startsWith('secret') ? 'Secret' : 'ConfigMap';
      const name = object.match[2] ?? '';
      const named = whereNamed(container, kind, name, '');
      const keys = container.env.flatMap(({ from }) => (from?.kind === kind && from.name === name ? [from.key] : []));
      return {
        confidence: 'certain',
        what: `${kind} ${shorten(name, 40)} does not exist`,
        sentence: headline(
          evidence,
          'certain',
          `${kind} ${name} does not exist in namespace ${evidence.pod.namespace}`,
          'does not start',
        ),
        facts: [object.error.fact, ...(named ? [named] : [])],
        steps: [
          step(
            'list-objects',
            `See which ${kind}s there are`,
            'The name may differ by a prefix or a version, or the object may live in another namespace.',
            kubectl(evidence, 'get', kind.toLowerCase()),
          ),
          create(evidence, kind, name, [...new Set(keys)]),
        ],
      };
    }
    const file = matchStartError(evidence, FILE_KEY);
    if (!file) return null;
    return {
      confidence: 'certain',
      what: `environment file has no key ${shorten(file.match[1] ?? '', 40)}`,
      sentence: headline(
        evidence,
        'certain',
        `its environment file has no key ${file.match[1] ?? ''}`,
        'does not start',
      ),
      facts: [file.error.fact],
      steps: [
        step(
          'see-reference',
          'Look at the reference',
          'The file is written by an init container of this pod; its key must match.',
          kubectl(evidence, 'get', 'pod', evidence.pod.name, '-o', 'yaml'),
        ),
      ],
    };
  },
});
