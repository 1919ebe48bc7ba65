import type { Signature } from '@/lib/diagnosis/match-log';
import type { NodeReading } from '@/lib/diagnosis/texts/node-trouble';

/** What programs print when kernel or hardware of the node lack something. */
export const LOG: readonly Signature<NodeReading>[] = [
  {
    pattern: /Address family not supported by protocol|EAFNOSUPPORT|address family not supported/i,
    meaning: { part: 'kernel', why: 'the kernel of its node has no IPv6, on which it wants to listen', isVague: false },
  },
  {
    pattern:
      /FATAL: kernel too old|kernel (?:version )?(?:is )?too old|[Ff]unction not implemented|ENOSYS|(?:requires?|needs?) (?:a )?(?:Linux )?kernel (?:version )?(?:>=? ?)?\d|[Uu]nsupported kernel/,
    meaning: { part: 'kernel', why: 'the kernel of its node is too old for it', isVague: false },
    except: /level=(?:info|warn)|INFO|WARN/,
  },
  {
    pattern:
      /modprobe: (?:FATAL: )?(?:Module|module|can't change directory)|do you need to insmod|[Kk]ernel module [^\n]{0,60}(?:not found|not loaded|missing|is required)|(?:[Ff]ailed|[Uu]nable) to (?:load|insert) (?:the )?(?:kernel )?module|iptables[^\n]{0,160}Table does not exist|Protocol not (?:supported|available)/,
    meaning: { part: 'kernel', why: 'the kernel of its node lacks a module that it needs', isVague: false },
  },
  {
    pattern:
      /Failed to initialize NVML|Driver\/library version mismatch|CUDA driver version is insufficient|no CUDA-capable device|CUDA[^\n]{0,60}(?:unknown error|initialization error|no device)|NVIDIA driver[^\n]{0,60}(?:not (?:found|loaded|running)|too old|communicate)|Found no NVIDIA driver|hipErrorNoDevice|[Nn]o GPUs? (?:found|detected|available)/,
    meaning: { part: 'device', why: "the node's GPU or its driver cannot be used", isVague: false },
  },
  {
    pattern:
      /cgroups? ?(?:v[12])?[^\n]{0,80}(?:not (?:found|mounted|supported)|does not exist|no such file|unsupported)|cannot enter cgroup/i,
    meaning: { part: 'cgroup', why: "the node's control groups are not what it expects", isVague: false },
  },
  {
    pattern: /[Ii]nput\/output error|\bEIO\b|\[Errno 5\]/,
    meaning: { part: 'disk', why: 'a disk of the node gives errors', isVague: true },
  },
];
/** The first group is the program that a shell does not find. */
export const BASIC: readonly Signature<NodeReading>[] = [
  {
    pattern: /(?:^|[\s:/])([a-z]{2,10}): (?:command )?not found/,
    meaning: {
      part: 'runtime',
      why: 'its PATH is lost: not even the most common programs are found',
      isVague: false,
    },
  },
];
