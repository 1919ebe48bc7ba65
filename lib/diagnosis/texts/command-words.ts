import type { ContainerEvidence } from '@/lib/diagnosis/evidence';

/** command and args of the pod spec, in order. */
export function commandWords(container: ContainerEvidence): readonly string[] {
  return [...container.command, ...container.args];
}

/** Tells whether a text stands in the pod spec's command or args, as a word of its own or inside a script. */
export function inCommand(container: ContainerEvidence, text: string): boolean {
  if (text === '') return false;
  return commandWords(container).some((word) => word === text || holdsWord(word, text));
}

function holdsWord(line: string, word: string): boolean {
  const edge = /[\w.-]/;
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
    const before = line[at - 1] ?? ' ';
    const after = line[at + word.length] ?? ' ';
    if (!edge.test(before) && !edge.test(after)) return true;
  }
  return false;
}

/** The field that the executable's name comes from: `command` where it is set, else `args` where its first word is it. */
export function executableField(container: ContainerEvidence, name: string): 'command' | 'args' | null {
  if (container.command.length > 0) return 'command';
  return container.args[0] === name ? 'args' : null;
}

/** Tells whether the pod spec runs a shell with an inline script. */
export function runsShell(container: ContainerEvidence): boolean {
  return commandWords(container).some((word) => /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(word));
}

const BASIC =
  /^(?:mkdir|ls|cat|sed|grep|chmod|chown|rm|cp|mv|id|date|sleep|dirname|basename|uname|head|tail|cut|tr|touch|ln)$/;

/** Tells whether every image with a shell has this program: when it is not found, PATH is lost and not the program. */
export function isBasicTool(name: string): boolean {
  return BASIC.test(name);
}
