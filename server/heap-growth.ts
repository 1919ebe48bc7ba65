import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow over what was alive, per cent, before V8 collects garbage again. V8 itself allows several times that. */
const GROWTH_PERCENT = 30;

/** The option of V8, as `node --v8-options` lists it. */
export const GROWTH_OPTION = '--heap-growing-percent';

/**
 * Has V8 collect garbage sooner from here on, for the whole process. To be called when the first lists are in: of a list nearly all
 * stays, and collecting between would find little and cost time; diagnoses leave garbage that would be held beside it.
 */
export function growHeapSlowly(): void {
  setFlagsFromString(`${GROWTH_OPTION}=${GROWTH_PERCENT}`);
}
