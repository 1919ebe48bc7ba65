import { command } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { fieldFact, specPath } from '@/lib/diagnosis/facts';
import type { Operation } from '@/lib/diagnosis/steps/operation';
import type { Fact } from '@/lib/diagnosis/verdict';
import { isSecretName } from '@/lib/domain/redact/names';

/** Where the container gets a credential or certificate from: a key of a Secret, or a whole Secret that is mounted. */
export interface SecretSource {
  readonly secret: string;
  /** Empty where the Secret is mounted or drawn in whole. */
  readonly key: string;
  readonly fact: Fact;
}

/** Variables and mounts that bring the container something from a Secret, variables with a credential's name first. */
export function secretSources({ container, pod }: Evidence): readonly SecretSource[] {
  const fromEnv = container.env.flatMap(({ name, from }): (SecretSource & { readonly isNamed: boolean })[] => {
    if (from?.kind !== 'Secret') return [];
    const path = `${specPath(container, 'env')}[${name}]`;
    const fact = fieldFact(path, `Secret ${from.name}, key ${from.key}`, 'Where it gets it from');
    return [{ secret: from.name, key: from.key, fact, isNamed: isSecretName(name) }];
  });
  const whole = container.envFrom
    .filter((one) => one.kind === 'Secret')
    .map(({ name }) => ({
      secret: name,
      key: '',
      fact: fieldFact(specPath(container, 'envFrom'), `Secret ${name}`, 'Where it gets its variables from'),
    }));
  return [
    ...fromEnv.toSorted((a, b) => Number(b.isNamed) - Number(a.isNamed)),
    ...whole,
    ...mountedSecrets({ container, pod }),
  ];
}

/** Secrets that are mounted into the container. */
export function mountedSecrets({ container, pod }: Pick<Evidence, 'container' | 'pod'>): readonly SecretSource[] {
  return container.mounts.flatMap(({ volume, path }) => {
    const source = pod.volumes.find((one) => one.name === volume && one.kind === 'secret' && one.ref !== '');
    if (!source) return [];
    const fact = fieldFact(
      `spec.volumes[${volume}]`,
      `Secret ${source.ref}, mounted at ${path}`,
      'What is mounted there',
    );
    return [{ secret: source.ref, key: '', fact }];
  });
}

/** The variable that carries a credential as a literal, as a fact; null where there is none. */
export function literalCredential({ container }: Evidence): Fact | null {
  const found = container.env.find(({ name, from, value }) => from === null && value !== '' && isSecretName(name));
  if (!found) return null;
  return fieldFact(
    `${specPath(container, 'env')}[${found.name}]`,
    found.value ?? '',
    'It stands in the pod spec itself',
  );
}

/** Prints one key of a Secret byte by byte, so that a line break or blank at its end shows. */
export function showSecretCommand(namespace: string, secret: string, key: string): Operation {
  const path = `jsonpath={.data.${key.replaceAll('.', '\\.')}}`;
  return {
    ...command('kubectl', '-n', namespace, 'get', 'secret', secret, '-o', path),
    pipes: [
      ['base64', '-d'],
      ['od', '-c'],
    ],
  };
}
