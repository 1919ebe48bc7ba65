import type { Signature } from '@/lib/diagnosis/match-log';

/** What the kernel refused: completes "the kernel does not let it …". `capability` is the one that would allow it. */
export interface Meaning {
  readonly what: string;
  readonly capability: string | null;
}

const act = (what: string, capability: string | null): Meaning => ({ what, capability });

/** Permissions of other worlds, and refusals of files, which are about owner and mode. */
export const ELSEWHERE = /permission denied for |rpc error: code = PermissionDenied|publickey|unix:\/|\.sock\b/;
const DENIED =
  '(?:[Oo]peration not permitted|[Pp]ermission denied|\\bEPERM\\b|\\bEACCES\\b|\\beperm\\b|\\beacces\\b|not permitted|must be root|are you root)';
const denied = (before: string): RegExp => new RegExp(`(?:${before})[^\\n]{0,160}?${DENIED}`);

/** A port in an error about listening; the first group is its number. */
export const PORT: readonly RegExp[] = [
  /listen(?:ing)? ?(?:on )?(?:tcp|udp)?[46]? [^\s]{0,60}:(\d{1,5}): bind: (?:permission denied|operation not permitted)/,
  /bind\(\) to [^\s]{0,60}?:(\d{1,5}) failed \((?:13|1):/,
  /listen (?:EACCES|EPERM)[^\n]{0,60}?[:\s](\d{1,5})\b(?!\.)/,
  /(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to|[Ff]ailed to) (?:bind|listen)[^\n]{0,120}?[:\s](\d{1,5})\b(?![.:]\d)[^\n]{0,80}?[Pp]ermission denied/,
  /(?:bind|listen|socket|Starting (?:proxy|frontend))[^\n]{0,80}?[Pp]ermission denied[^\n]{0,80}?[:\s](\d{1,5})\b(?![.:]\d)/i,
  /[Pp]ermission denied[^\n]{0,60}?(?:make_sock|could not bind|bind)[^\n]{0,80}?[:\s](\d{1,5})\b(?![.:]\d)/,
  /[Ll]isten(?:ing)? on ['"]?(\d{1,5})\b(?!\.)[^\n]{0,60}[Pp]ermission denied/,
  /Permission denied:? \('[\d.:a-f]{0,45}', (\d{1,5})\)/,
];

/** What programs print when a system call is refused, the most telling first. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /(?:SocketException|BindException)[^\n]{0,40}: (?:Permission denied|An attempt was made to access a socket)/,
    meaning: act('listen on a port below 1024', 'NET_BIND_SERVICE'),
  },
  {
    pattern:
      /(?:TUN\/TAP|\/dev\/net\/tun|\/dev\/(?:kvm|fuse|vhost-net|loop))[^\n]{0,80}(?:[Nn]o such file|[Nn]ot found|does not exist|[Uu]navailable)|fuse: device not found/,
    meaning: act('use a device that its container is not given', 'NET_ADMIN'),
  },
  {
    pattern:
      /exec(?:ve|utable)?:? "?([^\s":]{1,300})"?: operation not permitted|([^\s:]{1,200}): cannot execute: Operation not permitted/i,
    meaning: act('run its program, which asks for capabilities that the container has not', null),
  },
  { pattern: /no new privileges/i, meaning: act('gain privileges, as sudo does', null), except: /INFO|info/ },
  {
    pattern: /effective (?:user )?(?:ID|uid) is not 0|must be setuid root|sudo: unable to (?:change|initialize)/i,
    meaning: act('become root', 'SETUID'),
  },
  {
    pattern: denied(
      "\\b(?:set(?:re|res|fs)?[ug]id|set(?:e)?[ug]id|setgroups|initgroups|setgid|setuid)\\b|supplementary group|[Uu]nable to (?:set|change) (?:the )?(?:uid|gid|user|group)|(?:could not|cannot|can't|failed to|failed) switch(?:ing)? (?:to )?(?:the )?(?:user|group|\")|drop(?:ping)? privileges|su-exec:|gosu:|s6-(?:applyuidgid|setuidgid|overlay-suexec)|(?:cannot|can't) set (?:gid|groups|uid)|\\bsu:",
    ),
    meaning: act('change its user or group', 'SETUID'),
    except: ELSEWHERE,
  },
  {
    pattern: denied('\\b(?:l|f)?(?:chown|chgrp)(?:\\(|at\\b|\\b)|[Cc]hang(?:e|ing) (?:the )?(?:owner|ownership|group)'),
    meaning: act('change the owner of files', 'CHOWN'),
  },
  { pattern: denied('\\bchmod\\b|[Cc]hanging permissions'), meaning: act('change the mode of files', 'FOWNER') },
  {
    pattern: denied(
      'RTNETLINK|netlink|iptables|ip6tables|nftables|\\bnft\\b|ipset|ipvs|ebtables|\\btc qdisc|wireguard|wg-quick|TUNSETIFF|/dev/net/tun|\\btun\\b|tap device|set (?:the )?(?:link|interface|route|mtu)|(?:add|create|adding|creating) (?:the )?(?:\\w{1,20} )?(?:link|interface|route|bridge|veth)|ioctl\\(?SIOC',
    ),
    meaning: act('change the network', 'NET_ADMIN'),
  },
  {
    pattern: denied(
      '(?:raw|packet|icmp|AF_PACKET|SOCK_RAW|pcap)[ _]?(?:socket)?|\\bping\\b|listen ip4:icmp|socket:|arping|tcpdump',
    ),
    meaning: act('open a raw socket', 'NET_RAW'),
    except: /unix:\/|\.sock\b|bind/,
  },
  {
    pattern: /don't have permission to (?:perform this )?capture|Attempt to create packet socket failed/,
    meaning: act('capture packets', 'NET_RAW'),
  },
  {
    pattern: denied('\\bmount\\b(?:\\.\\w{1,12})?|umount|fusermount3?|/dev/fuse|pivot_root|remount|losetup|/dev/loop'),
    meaning: act('mount a filesystem', 'SYS_ADMIN'),
    except: /mount(?:ed)? (?:at|on|point)|MountVolume/,
  },
  {
    pattern: denied(
      '\\b(?:unshare|setns|clone3?|newuidmap|newgidmap|user namespaces?|new namespace|namespace|bubblewrap|bwrap|CLONE_NEW\\w{1,8})\\b',
    ),
    meaning: act('make namespaces', 'SYS_ADMIN'),
    except: /is forbidden|namespaces? "/,
  },
  {
    pattern:
      /No usable sandbox!|Failed to move to new namespace|setuid sandbox is not (?:running|configured)|The SUID sandbox helper binary was found, but is not configured/,
    meaning: act('make the namespaces of its sandbox', 'SYS_ADMIN'),
  },
  {
    pattern: denied(
      '\\bbpf\\b|\\bebpf\\b|eBPF|BPF|perf_event_open|kprobe|tracefs|debugfs|/sys/kernel/(?:debug|tracing)|fanotify',
    ),
    meaning: act('trace the kernel', 'SYS_ADMIN'),
  },
  {
    pattern: denied('ptrace|/proc/\\d{1,7}/(?:mem|root|ns|maps|environ)|process_vm_readv'),
    meaning: act('look into other processes', 'SYS_PTRACE'),
  },
  {
    pattern: denied(
      'mlock(?:all)?|[Ll]ock(?:ing)? (?:process )?memory|[Ff]ailed to lock memory|IPC_LOCK|hugetlb|shmget',
    ),
    meaning: act('lock memory', 'IPC_LOCK'),
  },
  { pattern: /[Ff]ailed to lock memory|usually means that the mlock syscall/, meaning: act('lock memory', 'IPC_LOCK') },
  {
    pattern: denied('rlimit|ulimit|RLIMIT_\\w{1,10}|limits?: cannot modify limit'),
    meaning: act('raise its own limits', 'SYS_RESOURCE'),
  },
  {
    pattern: denied('sched_set\\w{1,20}|set_mempolicy|\\bmbind\\b|niceness|\\bnice\\b|renice|setpriority|ioprio_set'),
    meaning: act('change its priority or placement', 'SYS_NICE'),
  },
  {
    pattern: /\bsysctl\b[^\n]{0,160}?Read-only file system|\/proc\/sys\/[^\n]{0,120}?Read-only file system/,
    meaning: act('change settings of the kernel', 'SYS_ADMIN'),
  },
  {
    pattern: denied(
      'sysctl|/proc/sys/[\\w/.-]{1,80}|sethostname|settimeofday|clock_settime|adjtime|modprobe|insmod|init_module|syslog|dmesg|/dev/kmsg|reboot',
    ),
    meaning: act('change settings of the kernel', 'SYS_ADMIN'),
  },
  {
    pattern: denied('/dev/(?!shm|std|termination|fd)[\\w/.-]{1,60}|\\bmknod\\b|cgroups?\\b'),
    meaning: act('use a device or control group of the node', 'SYS_ADMIN'),
  },
  {
    pattern: denied(
      'io_uring\\w{0,20}|keyctl|add_key|memfd_create|userfaultfd|personality|seccomp|landlock|pthread_create|(?:create|start|spawn)(?:ing)? (?:a )?(?:new )?thread|clone',
    ),
    meaning: act('make a system call that its seccomp profile leaves out', null),
  },
  {
    pattern: /[Bb]ad system call|SIGSYS|seccomp.{0,60}(?:denied|blocked|killed)/,
    meaning: act('make a system call that its seccomp profile leaves out', null),
  },
  {
    pattern:
      /(?:missing|lacks?|needs?|requires?|without|drop(?:ped)?|set)(?: the)?[^\n]{0,60}?\b(?:CAP_)([A-Z_]{3,20})\b|\bCAP_([A-Z_]{3,20})\b[^\n]{0,60}?(?:missing|required|not (?:set|available|permitted)|needed)/,
    meaning: act('do what needs this capability', null),
    except: /INFO|info:|level=info/,
  },
  {
    pattern: /capset|apply(?:ing)? cap(?:abilitie)?s|(?:set|raise|drop|ambient) (?:\w{1,20} )?capabilit/i,
    meaning: act('set its capabilities', 'SETPCAP'),
    except: /INFO|info|dropped capabilities|successfully/i,
  },
  {
    pattern:
      /(?:must|needs? to|has to|should|required to) (?:be )?(?:run|started|executed|running)? ?(?:as|by|with) (?:the )?(?:root|super-?user|UID 0)\b|requires? (?:root|super-?user) (?:privileges?|permissions?|access|rights)|(?:need|have) (?:to be )?root(?: privileges)?|only root can/i,
    meaning: act('do what only root may', null),
    except: /should not|must not|cannot be run as root|never/i,
  },
  {
    pattern: /apparmor="DENIED"|AppArmor[^\n]{0,60}(?:denied|DENIED)|avc: {1,2}denied|SELinux is preventing/,
    meaning: act('do what its security profile leaves out', null),
  },
  {
    pattern: /[Oo]peration not permitted|\bEPERM\b|\beperm\b|\[Errno 1\]|Os \{ code: 1, kind: PermissionDenied/,
    meaning: act('do this', null),
    except: /probe failed|rpc error/,
  },
];
