import type { LogEvidence, LogLine } from '@/lib/diagnosis/evidence';
import type { LogText } from '@/lib/diagnosis/evidence-source';
import { parseKubeTime } from '@/lib/domain/time';
import { stripControls } from './strip-controls';

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?/;
/**
 * With status 200 the kubelet may answer this sentence in place of a log that is gone (crash-semantics 3.8 and 12).
 */
const LOST = /^unable to retrieve container logs for \S{1,300}$/;

function toLines(text: string, firstNo: number, stamped: boolean): LogLine[] {
  if (text === '') return [];
  const raw = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return raw.map((line, index) => {
    const stamp = stamped ? STAMP.exec(line) : null;
    return {
      no: firstNo + index,
      at: stamp ? parseKubeTime(stamp[1]) : null,
      text: stripControls(stamp ? line.slice(stamp[0].length) : line),
    };
  });
}

/**
 * The lines of a kept log. Numbers count on from the head over the gap into the tail, as in the text that is held.
 */
export function toLogLines(text: LogText, which: LogEvidence['which']): LogEvidence {
  const head = toLines(text.head, 1, text.stamped);
  const tail = toLines(text.tail, head.length + 1, text.stamped);
  return {
    which,
    lines: [...head, ...tail],
    skippedLines: text.skippedLines,
    gapBefore: tail.length > 0 && text.skippedLines > 0 ? head.length + 1 : null,
  };
}

/** Tells whether a kept log is only the kubelet's sentence that the log is gone. */
export function isLostLog(text: LogText): boolean {
  const whole = text.head.trim();
  return text.tail === '' && whole.length < 400 && LOST.test(whole.replace(STAMP, ''));
}
