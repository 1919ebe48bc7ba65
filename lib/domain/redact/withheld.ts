/** What a text that was withheld looked like. */
export type SecretKind = 'a password' | 'a token' | 'a key' | 'a private key' | 'a cookie' | 'a credential';

/** What is shown in place of a secret: for most texts `mark`; `counted` tells differing secrets apart. */
export type Withhold = (kind: SecretKind, secret: string) => string;

/** A mark, or the one that earlier versions stored. */
const MARK = /\[withheld: looks like an? [a-z ]{1,20}(?: \(\d{1,4}\))?\]|\[redacted\]/;
const MARK_START = /^\[(?:withheld:|redacted\])/;

/** The mark that stands in place of a secret, e.g. `[withheld: looks like a password]`. */
export const mark: Withhold = (kind) => `[withheld: looks like ${kind}]`;

/** Marks of which the second and further different secrets of a kind are numbered, so that a change of one still shows. */
export function counted(): Withhold {
  const seen = new Map<SecretKind, Map<string, number>>();
  return (kind, secret) => {
    const numbers = seen.get(kind) ?? new Map<string, number>();
    seen.set(kind, numbers);
    const number = numbers.get(secret) ?? numbers.size + 1;
    numbers.set(secret, number);
    return number === 1 ? mark(kind, secret) : `[withheld: looks like ${kind} (${number})]`;
  };
}

/** Tells whether something was withheld from a text, so that what is left cannot be judged as it was. */
export function hasWithheld(text: string): boolean {
  return MARK.test(text);
}

/** Tells whether a text begins with a mark: what follows was looked through before. */
export function startsWithMark(text: string): boolean {
  return MARK_START.test(text);
}
