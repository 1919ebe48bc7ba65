/** Which part of the node fails. */
export type Part =
  | 'network'
  | 'runtime'
  | 'runtime-class'
  | 'device'
  | 'cgroup'
  | 'disk'
  | 'limit'
  | 'image'
  | 'kernel'
  | 'kubelet';

export interface NodeReading {
  readonly part: Part;
  /** Completes "because": what fails, without a full stop. */
  readonly why: string;
  /** True where the text may stand for another cause too. */
  readonly isVague: boolean;
}

const reading = (part: Part, why: string, isVague = false): NodeReading => ({ part, why, isVague });

/**
 * Texts of runtimes, network plug-ins and kubelet about what fails on the node, the most telling first: containerd, CRI-O, runc,
 * crun, CNI and the plug-ins built on it.
 */
const READINGS: readonly (readonly [RegExp, NodeReading])[] = [
  [
    /no runtime for "?[\w.-]{1,60}"? is configured|unknown runtime handler|failed to find runtime handler|RuntimeHandler "?[\w.-]{1,60}"? not (?:supported|found)|invalid runtime name/i,
    reading('runtime-class', "the node's runtime does not know the handler of its RuntimeClass"),
  ],
  [
    /no (?:more )?(?:free )?(?:IP(?:v[46])?s?|addresses)(?: addresses?)? (?:are )?(?:available|left)|failed to assign an IP address|no available IP|IP ?(?:pool|range|address)s? (?:is |are )?exhausted|out of (?:IPs|addresses)|unable to allocate (?:an )?IP|InsufficientFreeAddresses|range is full|no free (?:local )?IP/i,
    reading('network', 'the network plug-in has no free address for it'),
  ],
  [
    /No networks found in|cni plugin not initialized|cni config uninitialized|network plugin is not ready|no valid networks found|NetworkPluginNotReady|NetworkReady=false|failed to find plugin "[\w.-]{1,60}" in path|no such file or directory[^\n]{0,60}cni|cni[^\n]{0,120}no such file or directory|subnet\.env: no such file/i,
    reading('network', "the node's network plug-in is not set up"),
  ],
  [
    /(?:cni|cilium|calico|multus|flannel|weave|ovn|antrea|canal|kube-router|netavark)[^\n]{0,300}?(?:connection refused|no such file|i\/o timeout|deadline exceeded|is the agent running|unauthorized|Unavailable|not found|CNI request failed)|dial (?:unix|tcp)[^\n]{0,120}?(?:cni|cilium|calico|multus|flannel|weave|ovn|antrea|aws|127\.0\.0\.1:5005\d)/i,
    reading('network', "the node's network plug-in does not answer"),
  ],
  [
    /failed to set ?up (?:pod )?(?:sandbox [^\n]{0,120}?|network|pod "[^"]{1,300}" )?network|failed to setup network for sandbox|networkPlugin cni failed|plugin type="[\w.-]{1,60}"[^\n]{0,60}failed|error adding pod [^\n]{0,200}to CNI network|CNI (?:request )?fail|IPAM|veth|netns/i,
    reading('network', "the node's network plug-in fails"),
  ],
  [/resolv\.conf: no such file/, reading('kubelet', "the kubelet's resolv.conf is not on the node")],
  [
    /nvidia-container-cli|nvidia-container-runtime|libnvidia|nvml|NVML|libcuda|gpu-operator|nvidia-ctk|CDI device|unresolvable CDI devices|habana|amdgpu/,
    reading('device', "the node's driver for its GPU or device is not in order"),
  ],
  [
    /error gathering device information|custom device "[^"]{1,200}"|device plugin|Allocate failed|no healthy devices|unhealthy devices|number of devices unavailable/,
    reading('device', "the node's device or its plug-in is not there"),
  ],
  [
    /failed to reserve (?:container|sandbox) name|name "[^"]{1,400}" is reserved for|error reserving (?:ctr|pod) name/,
    reading('runtime', 'an earlier attempt still hangs in the runtime of the node'),
  ],
  [
    /(?:containerd|crio|cri-dockerd|docker|podman)\.sock|Cannot connect to the Docker daemon|transport is closing|ttrpc: closed|failed to (?:start|connect to) (?:the )?shim|shim (?:exited|died|disconnected)|runtime (?:is )?(?:not ready|down)|container runtime is down|PLEG is not healthy/i,
    reading('runtime', 'the container runtime of the node does not answer'),
  ],
  [
    /procReady not received|libseccomp|unknown version specified|runc did not terminate success|unable to retrieve OCI runtime error|fork\/exec [^\n]{0,120}runc|kata|runsc|gvisor|firecracker|keycreate/i,
    reading('runtime', 'the container runtime of the node is defective or does not fit its kernel'),
  ],
  [
    /too many open files|inotify|disk quota exceeded|session key|[Rr]esource temporarily unavailable|cannot allocate memory/,
    reading('limit', 'a limit of the node is reached', true),
  ],
  [/no space left on device/, reading('disk', 'a disk or control group of the node is full', true)],
  [
    /input\/output error|read-only file system|structure needs cleaning|stale (?:NFS )?file handle/i,
    reading('disk', 'a disk of the node fails', true),
  ],
  [
    /snapshot[^\n]{0,160}(?:does not exist|not found|failed|already exists)|content digest[^\n]{0,160}not found|not present in content store|missing parent|blob not found|failed to (?:unpack|extract|prepare extraction)|failed to get snapshotter|layers? [^\n]{0,80}corrupt|unpigz|invalid tar header|overlay[^\n]{0,120}(?:invalid argument|no such file|stale)/i,
    reading('image', "the node's copy of the image is broken"),
  ],
  [
    /cgroup|systemd[^\n]{0,60}(?:dbus|unit)|dbus|BPF_CGROUP_DEVICE|memory\.(?:limit|max|kmem)[^\n]{0,60}(?:device or resource busy|invalid)|cpuset/i,
    reading('cgroup', "the node's control groups cannot be set", true),
  ],
  [
    /context deadline exceeded|DeadlineExceeded|context canceled|timed? ?out/,
    reading('runtime', 'the runtime of the node does not answer in time', true),
  ],
];

/** Texts of start errors that are about the container's own image, command, mounts or security, whoever reports them. */
export const OWN_FAULT =
  /exec: "|exec [^\s:]{1,300}:|executable file not found|error mounting|chdir to cwd|OOM-killed|memory limit too low|set memory limit|seccomp|[Aa]pp[Aa]rmor|SELinux|selinux|sysctl|apply caps|unknown capability|unable to find (?:user|group)|no matching entries in passwd|subPath|runAsNonRoot|non-numeric user|(?:configmap|secret) "|couldn't find key|not a directory|is not a valid|invalid (?:environment|argument "|mount)|address already in use/;

/** Reads what fails on the node out of a text of runtime, plug-in or kubelet, or gives null where it tells of something else. */
export function readNodeTrouble(text: string): NodeReading | null {
  const head = text.slice(0, 4096);
  return READINGS.find(([pattern]) => pattern.test(head))?.[1] ?? null;
}
