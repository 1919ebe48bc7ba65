import type { ContainerRestart, ContainerSnapshot, ContainerType, PodSnapshot, RestartRule } from './pod-snapshot';

/** The action that stops and starts the whole pod anew in its place, without back-off. */
const RESTART_ALL = 'RestartAllContainers';

/** The reason that the kubelet writes over the end of every container of a pod that it restarts as a whole. */
export const RESTARTING_ALL = 'RestartingAllContainers';

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

/**
 * Whether a container can be the one for whose exits the kubelet restarts the whole pod. The kubelet writes the same end over
 * it as over its neighbours (`kubelet_pods.go` `convertToAPIContainerStatuses`): its rule and its count of restarts are all
 * that tell it from them.
 */
export function mayRestartAll(pod: PodSnapshot, name: string): boolean {
  return restartOf(pod, name)?.rules.some(({ action }) => action === RESTART_ALL) ?? false;
}

/** Whether this exit code of a container restarts the whole pod: at once, without back-off. */
export function restartsAll(pod: PodSnapshot, name: string, exitCode: number): boolean {
  return matchingRule(restartOf(pod, name), exitCode)?.action === RESTART_ALL;
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
