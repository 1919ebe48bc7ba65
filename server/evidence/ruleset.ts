/**
 * The version of the rules that this process judges by, taken from their sources by `scripts/ruleset.mjs`. The build puts it in
 * the place of the variable; tests and scripts set it as they start.
 */
export const RULESET_VERSION: string = known(process.env.UNLOOP_RULESET);

function known(version: string | undefined): string {
  if (version === undefined || version === '') throw new Error('the version of the rules is not known to this process');
  return version;
}
