import { command, cordonNode, deletePod, seenByPerson, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import type { Part } from '@/lib/diagnosis/texts/node-trouble';
import type { Step } from '@/lib/diagnosis/verdict';
import { shorten } from '@/lib/diagnosis/wording';

/** What to do about a node, by the part of it that fails: look, repair, or let the pod go elsewhere. */
export function nodeSteps(evidence: Evidence, part: Part): readonly Step[] {
  const node = evidence.pod.nodeName;
  const named = node || 'its node';
  const onNode: Step = step(
    'see-pods-of-node',
    'See whether other pods of the node fail alike',
    'All of them: the node. Only this one: its spec asks for something that the node does not have.',
    command('kubectl', 'get', 'pods', '-A', '-o', 'wide', '--field-selector', `spec.nodeName=${node}`),
  );
  const describe = step(
    'look-at-node',
    'Look at the node',
    'Conditions, versions and its own events.',
    command('kubectl', 'describe', 'node', node),
  );
  const advice: Readonly<Record<Part, { title: string; text: string }>> = {
    network: {
      title: 'Bring the network plug-in back',
      text: `Look at its pod on ${named} (in kube-system or a namespace of its own): running, ready, with addresses left to give. Restart it; free or add addresses where they have run out.`,
    },
    runtime: {
      title: 'Restart the runtime of the node, or leave the node',
      text: `systemctl restart containerd (or crio) and kubelet on ${named} frees what hangs. Where it comes back, drain the node and replace it.`,
    },
    'runtime-class': {
      title: 'Configure the handler, or choose another RuntimeClass',
      text: "The handler must stand in the runtime's configuration of every node that the RuntimeClass schedules to: kubectl get runtimeclass shows its name and node selector.",
    },
    device: {
      title: 'Repair driver or device plug-in of the node',
      text: 'Look at the device plug-in or GPU operator pod on the node and at its driver; a reboot brings a driver in line that was updated under a running kernel. Then delete the pod.',
    },
    cgroup: {
      title: 'Bring kubelet and runtime in line',
      text: 'Both must use the same cgroup driver: cgroupDriver: systemd for the kubelet and SystemdCgroup = true for containerd, on a kernel whose cgroup version they know.',
    },
    disk: {
      title: 'Free or replace the disk',
      text: 'df -h and df -i on the node, and its kernel log. Cordon it until then.',
    },
    limit: {
      title: 'Raise the limit on the node',
      text: 'The text names it: open files, inotify instances, processes, keys. Set it by sysctl or in the unit of the runtime.',
    },
    image: {
      title: 'Remove the broken image from the node',
      text: `crictl rmi ${shorten(evidence.container.image, 80)} on ${named}; the kubelet pulls it anew. Where every node says so, push the image again.`,
    },
    kernel: {
      title: 'Change what it asks for, or take nodes that have it',
      text: 'Turn the feature off in the program (listen on IPv4 only, another backend), load the module on the node, or move the workload to nodes with a kernel that fits.',
    },
    kubelet: {
      title: 'Repair the kubelet of the node',
      text: `journalctl -u kubelet on ${named} tells the rest. Drain the node where it does not recover.`,
    },
  };
  const repair: Step = {
    id: 'repair-node',
    operation: { kind: 'decide' },
    ...advice[part],
    done: { kind: 'container-starts' },
  };
  if (node === '') return [repair];
  return [
    describe,
    onNode,
    repair,
    step(
      'cordon-node',
      'Or move the pod to another node: keep new pods off this one',
      'Pods that run there stay; none is added until it is uncordoned.',
      cordonNode(node),
      seenByPerson(`kubectl get nodes shows SchedulingDisabled for ${node}`),
    ),
    step('move-pod', 'Then delete the pod', 'Its controller makes it elsewhere.', deletePod(evidence), {
      kind: 'pod-scheduled',
      notOn: node,
    }),
  ];
}
