/** A word as a POSIX shell takes it literally: bare where it is harmless, else in single quotes. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line from words, each quoted where a shell would change it. */
export function shellJoin(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
