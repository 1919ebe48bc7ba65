import type { ContainerRestart, ContainerSnapshot, ContainerType, PodSnapshot, RestartRule } from './pod-snapshot';

/** The action that stops and starts the whole pod anew in its place, without back-off. */
const RESTART_ALL = 'RestartAllContainers';

/**
 * Says whether the kubelet restarts a container of a pod after this exit code. Never in a pod that ended or is being deleted
 * (`pkg/kubelet/container/helpers.go` `ShouldContainerBeRestarted`).
 */
export function willRestart(
  pod: PodSnapshot,
  container: Pick<ContainerSnapshot, 'name' | 'type'>,
  exitCode: number,
): boolean {
  if (pod.deletedAt !== null || pod.phase === 'Succeeded' || pod.phase === 'Failed') return false;
  return restartsAfter(pod.restartPolicy, restartOf(pod, container.name), container.type, exitCode);
}

/**
 * Says what the policies make of an exit code: the first rule that matches, else the container's own policy, else the pod's
 * (`pkg/api/v1/pod/util.go` `ContainerShouldRestart`). A sidecar is always restarted; an init container that ended well is
 * done, unless a rule restarts the whole pod (`kuberuntime_manager.go` `computeInitContainerActions`).
 */
export function restartsAfter(
  podPolicy: string,
  restart: ContainerRestart | null,
  type: ContainerType,
  exitCode: number,
): boolean {
  const action = matchingRule(restart, exitCode)?.action;
  if (type === 'sidecar' || action === RESTART_ALL) return true;
  if (type === 'init' && exitCode === 0) return false;
  if (action === 'Restart') return true;
  const policy = restart?.policy ?? podPolicy;
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}

function restartOf(pod: PodSnapshot, name: string): ContainerRestart | null {
  return pod.specContainers.find((container) => container.name === name)?.restart ?? null;
}

/** The first rule that matches; one of an unknown operator matches nothing. */
function matchingRule(restart: ContainerRestart | null, exitCode: number): RestartRule | null {
  const found = restart?.rules.find(({ operator, codes }) => {
    if (operator === 'In') return codes.includes(exitCode);
    return operator === 'NotIn' && !codes.includes(exitCode);
  });
  return found ?? null;
}
