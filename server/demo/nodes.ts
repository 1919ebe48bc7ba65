import type { Clock } from './clock';
import type { KubeObject } from './kube-types';
import type { DemoNode } from './program';
import { createRandom } from './random';

const DAY_MS = 86_400_000;

function node(
  name: string,
  last: number,
  kubelet: '1.34.4' | '1.36.3',
  rest: Partial<Pick<DemoNode, 'architecture' | 'memory' | 'cpu' | 'tainted' | 'labels'>> = {},
): DemoNode {
  return {
    name,
    kubeletVersion: `v${kubelet}`,
    minor: kubelet === '1.34.4' ? 34 : 36,
    architecture: 'amd64',
    address: `10.20.0.${last}`,
    memory: '32869424Ki',
    cpu: '8',
    tainted: false,
    labels: {},
    ...rest,
  };
}

/** The machines of the demo cluster, in the middle of an upgrade: two workers still run a 1.34 kubelet. */
export const DEMO_NODES: readonly DemoNode[] = [
  node('control-1', 10, '1.36.3', { memory: '16393340Ki', cpu: '4', tainted: true }),
  node('worker-1', 11, '1.36.3'),
  node('worker-2', 12, '1.34.4'),
  node('worker-3', 13, '1.36.3'),
  node('worker-4', 14, '1.34.4'),
  node('worker-5', 15, '1.36.3', { memory: '65902912Ki', cpu: '16' }),
  node('worker-6', 16, '1.36.3', { architecture: 'arm64' }),
];

const HEALTHY: readonly (readonly [string, string, string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'KubeletReady', 'kubelet is posting ready status'],
];

/** Builds the Node object of a machine that joined `ageDays` before the cluster opened. */
export function buildNode(node: DemoNode, clock: Clock, ageDays: number): KubeObject {
  const created = clock.stamp(clock.openedAt - ageDays * DAY_MS);
  const quantities = {
    cpu: node.cpu,
    'ephemeral-storage': '102624184Ki',
    'hugepages-2Mi': '0',
    memory: node.memory,
    pods: '110',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      uid: createRandom(`node/${node.name}/${clock.openedAt}`).uuid(),
      creationTimestamp: created,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': node.architecture,
        'topology.kubernetes.io/zone': `eu-1${['a', 'b', 'c'][Number(node.address.at(-1)) % 3]}`,
        ...(node.tainted ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        ...node.labels,
      },
    },
    spec: {
      podCIDR: `10.244.${node.address.split('.').at(-1)}.0/24`,
      ...(node.tainted ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
    },
    status: {
      capacity: quantities,
      allocatable: quantities,
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
      conditions: HEALTHY.map(([type, reason, message]) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        lastHeartbeatTime: clock.stamp(clock.openedAt - 90_000),
        lastTransitionTime: created,
        reason,
        message,
      })),
      nodeInfo: {
        architecture: node.architecture,
        containerRuntimeVersion: 'containerd://2.1.5',
        kernelVersion: '6.12.48-generic',
        kubeProxyVersion: '',
        kubeletVersion: node.kubeletVersion,
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 13 (trixie)',
      },
    },
  };
}
