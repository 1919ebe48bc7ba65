import { stripControls } from './strip-controls';

/** Controls of the second set, marks that turn the direction of writing, and Unicode's own line breaks. */
const UNSEEN = /[\u0080-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text that may be written to a terminal: without escape sequences and what else a terminal would obey; line breaks and tabs stay. */
export function terminalText(text: string): string {
  return stripControls(text).replace(UNSEEN, '');
}

/** JSON that may be written to a terminal: what a terminal would obey is written as an escape of JSON, so that it reads the same. */
export function terminalJson(json: string): string {
  const seen = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
  return json.replace(seen, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
