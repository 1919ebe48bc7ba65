import { command, containerPatch, editWorkload, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, logFact, podFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog } from '@/lib/diagnosis/match-log';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { grants, OWNERSHIP, runsAsRoot } from '@/lib/diagnosis/texts/denied';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { ELSEWHERE, type Meaning, PORT, SIGNATURES } from './signatures';

/** Refusals of runtime and kubelet about security settings, before the program runs. */
const START =
  /(?:cannot|failed to|unable to|error) (?:load|apply|enforce|generate|set|get)(?:ing)? (?:the )?(?:\w{1,20} )?(?:seccomp|apparmor|AppArmor|SELinux|selinux)[^\n]{0,200}|seccomp profile[^\n]{0,160}?(?:no such file|not found|invalid|must)|(?:apparmor|AppArmor)[^\n]{0,120}?(?:not loaded|not enabled|failed|not found|no such file|is not|unable)|[Cc]annot enforce AppArmor[^\n]{0,120}|unable to apply caps[^\n]{0,80}|apply caps: operation not permitted|unknown capability "[^"]{1,40}"|error setting (?:rlimit|cgroup device)[^\n]{0,120}?not permitted|write sysctl key [^\n]{1,160}|sysctl "?[\w.]{1,80}"? (?:is not in|not allowed)[^\n]{0,80}|exec: "[^"]{1,300}": operation not permitted|setting (?:up )?(?:the )?SELinux label[^\n]{0,120}|SELinux relabel[^\n]{0,160}|failed to set (?:selinux|SELinux)[^\n]{0,120}/;

const POD_REASONS = new Set(['AppArmor', 'SysctlForbidden', 'Seccomp', 'ForbiddenSysctl']);

function security(evidence: Evidence): Fact[] {
  const { security: set } = evidence.container;
  const facts: Fact[] = [];
  if (set.runAsUser !== null) {
    facts.push(specFact(evidence, 'securityContext.runAsUser', String(set.runAsUser), 'The user that it runs as'));
  }
  if (set.dropCapabilities.length > 0 || set.addCapabilities.length > 0) {
    const text = [
      ...(set.dropCapabilities.length > 0 ? [`drop ${set.dropCapabilities.join(', ')}`] : []),
      ...(set.addCapabilities.length > 0 ? [`add ${set.addCapabilities.join(', ')}`] : []),
    ].join('; ');
    facts.push(specFact(evidence, 'securityContext.capabilities', text, 'The capabilities that it is given'));
  }
  if (set.allowPrivilegeEscalation === false) {
    facts.push(specFact(evidence, 'securityContext.allowPrivilegeEscalation', 'false', 'It may gain no privileges'));
  }
  if (set.seccompProfile !== null) {
    facts.push(specFact(evidence, 'securityContext.seccompProfile', set.seccompProfile, 'The seccomp profile'));
  }
  return facts;
}

function steps(evidence: Evidence, capability: string | null): readonly Step[] {
  const done: DoneCondition = outlives(evidence);
  const add = evidence.container.security.addCapabilities;
  const grant: readonly Step[] =
    capability !== null && runsAsRoot(evidence.container) !== false && !grants(evidence.container, capability)
      ? [
          containerPatch(
            evidence,
            {
              securityContext: {
                capabilities: { add: [...add, ...(capability === 'SETUID' ? ['SETUID', 'SETGID'] : [capability])] },
              },
            },
            {
              id: 'add-capability',
              title: `Give it the capability ${capability === 'SETUID' ? 'SETUID and SETGID' : capability}`,
              text: 'Only this one: it keeps the others dropped. Pod security of the namespace may forbid it; then the program must do without.',
              done,
            },
          ),
        ]
      : [
          step(
            'change-security-context',
            'Change the security context, or what the program does',
            `Opens the workload. ${capability ? `A process that is not root has no capabilities, even ${capability} where it is added, unless the binary carries it: ` : ''}run as the user that the program expects, or set it up so that it needs no privilege.`,
            editWorkload(evidence),
            done,
          ),
        ];
  return [
    ...grant,
    step(
      'see-namespace-policy',
      'See what the namespace allows',
      'The level of pod security decides which capabilities and profiles a pod may ask for.',
      command('kubectl', 'get', 'namespace', evidence.pod.namespace, '--show-labels'),
    ),
    ...rollbackStep(
      evidence,
      'If the security context or the image changed with this revision, the one before was let through.',
    ),
  ];
}

function portSteps(evidence: Evidence, port: string): readonly Step[] {
  return [
    {
      id: 'use-high-port',
      operation: { kind: 'decide' },
      title: 'Listen on a port above 1023',
      text: `Set the program to a port such as ${Number(port) + 8000} and let the Service keep port ${port} with that targetPort. Clients notice nothing.`,
      done: outlives(evidence),
    },
    step(
      'allow-low-ports',
      'Or open low ports for the pod',
      'Opens the workload: the safe sysctl net.ipv4.ip_unprivileged_port_start with value 0, in securityContext.sysctls of the pod, lets any user listen there.',
      editWorkload(evidence),
      outlives(evidence),
    ),
    ...rollbackStep(evidence, 'If user or capabilities changed with this revision, the one before could listen.'),
  ];
}

function fromPod(evidence: Evidence): Finding | null {
  const { pod } = evidence;
  if (POD_REASONS.has(pod.reason)) {
    const reason = `its node refuses its security settings: ${shorten(pod.message || pod.reason, 100)}`;
    return {
      confidence: 'certain',
      what: `${pod.reason}: its node refuses its security settings`,
      sentence: headline(evidence, 'certain', reason, 'is turned away by its node'),
      facts: [
        podFact('status.reason', pod.reason, 'Why it was turned away'),
        podFact('status.message', pod.message || pod.reason, 'The words of the kubelet'),
      ],
      steps: steps(evidence, null),
    };
  }
  const start = matchStartError(evidence, START);
  const sandbox = podEvents(evidence, 'FailedCreatePodSandBox').findLast((event) =>
    /seccomp|apparmor|AppArmor|SELinux|selinux/.test(event.message.slice(0, 2048)),
  );
  const isOver = evidence.lastTermination !== undefined || evidence.status.state.kind === 'running';
  const fact = start?.error.fact ?? (sandbox && !isOver ? eventFact(sandbox, 'Why no sandbox is made') : null);
  if (!fact) return null;
  const words = start?.match[0] ?? START.exec(sandbox?.message.slice(0, 2048) ?? '')?.[0] ?? sandbox?.message ?? '';
  return {
    confidence: 'certain',
    what: 'runtime cannot apply its security settings',
    sentence: headline(
      evidence,
      'certain',
      `its security settings cannot be applied: ${shorten(words, 120)}`,
      'does not start',
    ),
    facts: [fact, ...security(evidence)],
    steps: steps(evidence, null),
  };
}

/** A low port that the process may not listen on. */
function fromPort(evidence: Evidence): Finding | null {
  const match = matchLog(
    evidence,
    PORT.map((pattern) => ({ pattern, meaning: 'port', except: ELSEWHERE })),
  );
  const port = match?.groups[0] ?? '';
  if (!match || Number(port) >= 1024 || Number(port) === 0) return null;
  const likely = logConfidence(evidence, match);
  const confidence: Confidence = likely === 'likely' && match.position === 0 ? 'certain' : likely;
  const exit = exitFact(evidence);
  return {
    confidence,
    what: `may not listen on port ${port}, which is below 1024`,
    sentence: headline(evidence, confidence, `a process without NET_BIND_SERVICE may not listen on port ${port}`),
    facts: [logFact(match.log, match.no, 'What the kernel refuses'), ...security(evidence), ...(exit ? [exit] : [])],
    steps: portSteps(evidence, port),
  };
}

/** Owner and mode of files are a matter of capabilities only for root whose capability was taken. */
function isAboutFiles(evidence: Evidence, match: LogMatch<Meaning>): boolean {
  const { container } = evidence;
  const { capability } = match.meaning;
  if (capability !== 'CHOWN' && capability !== 'FOWNER' && !(capability === null && OWNERSHIP.test(match.text))) {
    return false;
  }
  return runsAsRoot(container) === false || grants(container, capability ?? 'CHOWN');
}

function isSeccompKill(evidence: Evidence): boolean {
  const last = evidence.lastTermination;
  return last?.exitCode === 159 || last?.reason === 'seccomp killed';
}

/**
 * The kernel denies a system call: a capability that was dropped, a port below 1024, a seccomp, AppArmor or SELinux profile.
 *
 * `EPERM` is its word, where a file's owner and mode give `EACCES`. A change of owner is meant here only for a root process whose
 * capability is gone; else it belongs to `volume-permission`. SIGSYS and the refusal of a low port admit no other reading.
 */
export const deniedByKernel = defineRule({
  id: 'denied-by-kernel',
  cause: 'denied-by-kernel',
  title: 'Missing capability, seccomp, AppArmor or SELinux denial, privileged port',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container',
  doc: {
    describe:
      '`Error` with exit 1 or 255; exit 159 where seccomp kills; `drop: [ALL]`, `runAsUser`, `allowPrivilegeEscalation: false` in the spec.',
    logs: '`Operation not permitted`, `bind: permission denied` on a port below 1024, `Bad system call`.',
    steps: [
      'See what it wanted: a low port, another user, the network, a mount, a device.',
      'Prefer a setup that needs no privilege: a port above 1023, the right user from the start.',
      'Where it is needed, add the one capability, to a container that runs as root.',
    ],
    prevention: 'Test images with `--cap-drop ALL` and the user of production before the cluster enforces it.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const early = fromPod(evidence) ?? fromPort(evidence);
    if (early) return early;
    const exit = exitFact(evidence);
    if (isSeccompKill(evidence) && exit) {
      return {
        confidence: 'certain',
        what: 'killed for a system call that seccomp forbids',
        sentence: headline(evidence, 'certain', 'it made a system call that its seccomp profile forbids'),
        facts: [exit, ...security(evidence)],
        steps: steps(evidence, null),
      };
    }
    const match = matchLog(evidence, SIGNATURES);
    if (!match || isAboutFiles(evidence, match)) return null;
    const { what, capability } = match.meaning;
    const isVague = what === 'do this' || what === 'do what only root may';
    const likely = logConfidence(evidence, match);
    const confidence: Confidence = likely;
    const named = match.groups.find((group) => /^[A-Z_]{3,20}$/.test(group)) ?? capability;
    return {
      confidence,
      what: `may not ${shorten(isVague ? 'do what it asks of the kernel' : what, 50)}`,
      sentence: headline(
        evidence,
        confidence,
        isVague
          ? `the kernel refuses what it asks: ${shorten(match.statement.message, 120)}`
          : `the kernel does not let it ${what}`,
      ),
      facts: [logFact(match.log, match.no, 'What the kernel refuses'), ...security(evidence), ...(exit ? [exit] : [])],
      steps: steps(evidence, named),
    };
  },
});
