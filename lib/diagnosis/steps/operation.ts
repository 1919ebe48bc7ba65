import type { FactPlace } from '@/lib/diagnosis/verdict';

/** An object of the cluster. `namespace` is empty for one of the cluster scope. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One element of a field's path: a key, or the item of a list that carries this value in its merge key. */
export type PathPart = string | { readonly key: string; readonly is: string };

/** A field that gets a value. A list of scalars is one value; null takes the field away. JSON-serialisable. */
export interface FieldChange {
  readonly path: readonly PathPart[];
  readonly value: unknown;
}

/** Objects that a step may make. Values of keys are left to the reader, `VALUE` stands for each. */
export type Creation =
  | {
      readonly kind: 'ConfigMap' | 'Secret';
      readonly namespace: string;
      readonly name: string;
      readonly keys: readonly string[];
    }
  | { readonly kind: 'PullSecret'; readonly namespace: string; readonly name: string; readonly registry: string }
  | { readonly kind: 'Job'; readonly namespace: string; readonly name: string; readonly image: string }
  | {
      /** A role and its binding. `namespace` is where it counts, empty for the whole cluster. */
      readonly kind: 'Grant';
      readonly namespace: string;
      readonly name: string;
      readonly verbs: readonly string[];
      readonly resource: string;
      readonly group: string;
      readonly account: { readonly namespace: string; readonly name: string };
    };

/** What a step does. Command, YAML for Git and kind in the API are each made from it in one place. */
export type Operation =
  | {
      readonly kind: 'patch';
      readonly target: ObjectRef;
      readonly patchType: 'strategic' | 'merge';
      readonly changes: readonly [FieldChange, ...FieldChange[]];
      /** Words within the values that only the reader can put in, e.g. `VALUE`. */
      readonly fill: readonly string[];
    }
  /** A change of an object whose new values the evidence does not tell: it is opened in an editor. */
  | { readonly kind: 'edit'; readonly target: ObjectRef }
  | { readonly kind: 'rollback'; readonly target: ObjectRef }
  | { readonly kind: 'restart'; readonly target: ObjectRef }
  | { readonly kind: 'delete-pod'; readonly namespace: string; readonly pod: string }
  /** Removes what evictions and failed Jobs left: pods that have ended and run nothing. */
  | { readonly kind: 'delete-failed-pods'; readonly namespace: string }
  /** Ends the first process of a container, which nothing but its end would stop. */
  | { readonly kind: 'end-container'; readonly namespace: string; readonly pod: string; readonly container: string }
  | { readonly kind: 'create'; readonly object: Creation }
  | { readonly kind: 'look'; readonly place: FactPlace }
  /** Reads only. `kubectl debug` and `kubectl run` make a pod of their own for it. The output goes through `pipes`. */
  | {
      readonly kind: 'run';
      readonly words: readonly [string, ...string[]];
      readonly pipes?: readonly (readonly string[])[];
    }
  | { readonly kind: 'decide' };

/** Words of an operation that the reader has to replace before it is carried out. */
export function wordsToFill(operation: Operation): readonly string[] {
  if (operation.kind === 'patch') return operation.fill;
  if (operation.kind !== 'create') return [];
  const { object } = operation;
  if (object.kind === 'PullSecret') return ['USER', 'PASSWORD'];
  if (object.kind !== 'ConfigMap' && object.kind !== 'Secret') return [];
  return object.keys.length > 0 ? ['VALUE'] : ['KEY', 'VALUE'];
}
