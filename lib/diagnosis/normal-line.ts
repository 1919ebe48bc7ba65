/** More of a line tells nothing new. */
const LONGEST = 400;

/** Words after which a number says what happened, not when or how often: `status 401` and `status 503` are two failures. */
const TELLING =
  /\b(?:status(?: code)?|code|errno|error|http(?:\/\d(?:\.\d)?)?|exit(?: code)?|signal|port|version|line)[ =:([#]{0,3}$/i;

/**
 * What differs between two prints of the same line, each with what stands in its place. In this order: a time holds numbers, an id
 * may look like one. Every repetition is bounded, so that no line makes them slow.
 */
const TIMES: readonly RegExp[] = [
  /\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?/g,
  /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d{2}:\d{2}:\d{2}\b/g,
  /\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/g,
];
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b0x[0-9a-f]{1,16}\b/gi, '<address>'],
  [/@[0-9a-f]{5,16}\b/gi, '@<address>'],
  [/(?:\b|::ffff:)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, '<ip>'],
  [/\[[0-9a-f:]{2,45}\]/gi, '<ip>'],
  // Pods of a ReplicaSet, and of a DaemonSet or Job: the letters that Kubernetes makes such names of.
  [/-[bcdf-hj-np-tv-xz0-9]{6,10}-[bcdf-hj-np-tv-xz0-9]{5}\b/g, '-<pod>'],
  [/\b(?=[a-f]{0,63}\d)[0-9a-f]{12,64}\b/gi, '<id>'],
];

const NUMBER = /(?<![\w.<-])[-+]?\d{1,20}(?:[.,]\d{1,9})?(?:ns|us|µs|ms|s|m|h|d|[KMGT]i?B?|%)?(?![\w])/g;

/**
 * A log line without what differs from one crash to the next: times, ids, addresses, names of these pods, counts. Numbers that
 * tell failures apart (status and exit codes, ports, versions, lines of a file) stay.
 */
export function normalLine(text: string, podNames: readonly string[] = []): string {
  let line = text.slice(0, LONGEST);
  for (const name of podNames) if (name.length > 2) line = line.replaceAll(name, '<pod>');
  line = withoutTimes(line);
  for (const [pattern, stand] of VARIABLE) line = line.replace(pattern, stand);
  line = line.replace(NUMBER, (number, at: number) =>
    isTelling(line.slice(Math.max(0, at - 24), at)) ? number : '<n>',
  );
  return line
    .replace(/\s{1,400}/g, ' ')
    .trim()
    .toLowerCase();
}

/** A line with `<time>` for each instant in it. */
export function withoutTimes(text: string): string {
  return TIMES.reduce((line, pattern) => line.replace(pattern, '<time>'), text);
}

function isTelling(before: string): boolean {
  // The port of a named host, the line of a file.
  return TELLING.test(before) || /[\w.\])>]:$/.test(before);
}
