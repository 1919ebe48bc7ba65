import type { ContainerEvidence, Evidence } from '@/lib/diagnosis/evidence';
import { mountOf } from './mounts';

const PATH = /(?:^|[\s"'`‘“(<[=@{\\])((?:~|\.{1,2})?\/[^\s"'`‘’“”:,;()[\]<>{}\\]{0,300})/g;
/** Absolute paths of stack frames and of the program that speaks, not of what was denied. */
const FRAME = /\.(?:go|py|js|ts|mjs|rb|java|rs|php|cs|exs?|erl|pm)$|^\/(?:usr\/local\/|usr\/)?s?bin\/[\w.-]{1,60}$/;

/**
 * Reads the path that a denial is about out of a log line: one under a mount of the container first, then the one nearest
 * before the kernel's words, then any. Empty where the line names none.
 * @param at index in the text at which the kernel's words stand
 */
export function deniedPath(evidence: Evidence, text: string, at: number): string {
  const found = [...text.slice(0, 2048).matchAll(PATH)]
    .map((one) => ({ path: (one[1] ?? '').replace(/[.!?]$/, ''), index: one.index }))
    .filter(({ path }) => path.length > 1);
  const mounted = found.find(({ path }) => path.startsWith('/') && mountOf(evidence, path) !== null);
  if (mounted) return mounted.path;
  const things = found.filter(({ path }) => !FRAME.test(path));
  return (
    (things.findLast(({ index }) => index < at) ?? things[0] ?? found.findLast(({ index }) => index < at))?.path ?? ''
  );
}

/** Whether the process runs as root: true, false, or null where only the image knows. */
export function runsAsRoot({ security }: ContainerEvidence): boolean | null {
  if (security.runAsUser !== null) return security.runAsUser === 0;
  return security.runAsNonRoot === true ? false : null;
}

/** The capabilities that containerd and CRI-O give a container whose spec says nothing. */
const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Whether the spec gives a root process this capability, e.g. `CHOWN`: by its add list, by default unless dropped. */
export function grants({ security }: ContainerEvidence, capability: string): boolean {
  if (security.privileged === true) return true;
  const named = (list: readonly string[]) =>
    list.some((one) => [capability, `CAP_${capability}`, 'ALL'].includes(one.toUpperCase()));
  if (named(security.addCapabilities)) return true;
  return DEFAULT_CAPABILITIES.has(capability) && !named(security.dropCapabilities);
}

/** Texts about taking over ownership or mode of a file. */
export const OWNERSHIP =
  /\b(?:l|f)?(?:chown|chgrp|chmod)\b|changing (?:ownership|permissions|group)|change (?:the )?(?:ownership|owner|permissions|group|mode) |could not (?:set|change) permissions|set ownership/i;
