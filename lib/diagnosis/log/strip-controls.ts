/** ECMA-48 control sequences (CSI, OSC up to its end, two-byte escapes) with bounded bodies. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)?|[PX^_][^\u001b]{0,512}(?:\u001b\\)?|[ -/]{0,4}[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being looked for
const ANY_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** A line of text without escape sequences, NULs and other control characters; tabs stay. */
export function stripControls(line: string): string {
  if (!ANY_CONTROL.test(line)) return line;
  return line.replace(SEQUENCES, '').replace(CONTROLS, '');
}
