import { signalName } from '@/lib/domain/exit-code';
import type { Evidence } from './evidence';
import type { Confidence } from './verdict';

/** Who fails: the workload, with the container where the pod has several. */
export function subject(evidence: Evidence): string {
  const { workload, container, pod } = evidence;
  if (container.type === 'init') return `${workload.name}'s init container ${container.name}`;
  if (container.type === 'sidecar') return `${workload.name}'s sidecar ${container.name}`;
  return pod.containers.length > 1 && container.name !== workload.name
    ? `${workload.name}'s container ${container.name}`
    : workload.name;
}

/** What happens to it, in the present tense: "exits 1", "is killed by SIGKILL (exit 137)", "does not start". */
export function failing(evidence: Evidence): string {
  const last = evidence.lastTermination;
  if (!last) return evidence.status.state.kind === 'running' ? 'does not become ready' : 'does not start';
  if (last.reason === 'StartError' || last.reason === 'ContainerCannotRun') return 'does not start';
  if (last.exitCode === 0) return 'ends with exit 0';
  const signal = signalName(last.exitCode);
  return signal ? `ends by ${signal} (exit ${last.exitCode})` : `exits ${last.exitCode}`;
}

/** The headline of a verdict: who, what, why, worded by how sure it is. `reason` is a clause: "DATABASE_URL is not set". */
export function headline(
  evidence: Evidence,
  confidence: Confidence,
  reason: string,
  what: string = failing(evidence),
): string {
  const who = `${subject(evidence)} ${what}`;
  if (confidence === 'certain') return `${who} because ${reason}.`;
  return confidence === 'likely' ? `${who}, most likely because ${reason}.` : `${who}; it may be that ${reason}.`;
}

/** Cuts a text for a board row or a headline, at a word where one is near. */
export function shorten(text: string, most = 90): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat.length <= most) return flat;
  const cut = flat.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${(space > most - 20 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
