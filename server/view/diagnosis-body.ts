import { dump } from 'js-yaml';
import type { EvidenceLine, Spec, VerdictBody } from '@/lib/contract/diagnosis';
import type { ProbeTimingBody } from '@/lib/contract/timeline';
import { revisionMarks } from '@/lib/diagnosis/build-changes';
import type { Evidence, EvidencePart } from '@/lib/diagnosis/evidence';
import type { Verdict } from '@/lib/diagnosis/verdict';
import { categoryOf } from '@/lib/domain/causes';
import { killBudgetOf } from '@/lib/domain/lifetime';
import type { Judged } from '@/server/evidence/judge-record';
import type { EvidenceRecord, LogRuns } from '@/server/evidence/pack-record';
import { placeBody, stepBody } from './step-body';
import { lineOfPath, yamlLines } from './yaml-lines';

/** What is shown of one look at a loop. */
export interface DiagnosisBody {
  /** Best first. */
  readonly verdicts: VerdictBody[];
  readonly evidence: EvidenceLine[];
  readonly spec: Spec | null;
  /** Why there is no spec; else empty. */
  readonly specText: string;
  /** Why events are missing; else empty. */
  readonly eventsText: string;
  readonly probes: ProbeTimingBody[];
  /** Revisions of the workload by the hash that their pods carry. */
  readonly revisions: readonly { readonly number: string; readonly hash: string }[];
}

/** Makes what is shown of a record from what the rules say of it. */
export function diagnosisBody({ source, logRuns }: EvidenceRecord, judged: Judged, loopId: string): DiagnosisBody {
  const verdicts = judged.verdicts.map((verdict) => verdictBody(verdict, loopId, logRuns));
  return {
    verdicts,
    evidence: evidenceLines(judged.evidence),
    spec: specBody(source.pod, judged.evidence.pod.name, verdicts[0]),
    specText: '',
    eventsText: 'missing' in source.events ? source.events.missing : '',
    probes: probeBodies(judged.evidence),
    revisions:
      'missing' in source.revisions
        ? []
        : revisionMarks(source.revisions.value, []).map(({ number, hash }) => ({ number, hash })),
  };
}

/** A verdict as the API says it: places name recorded runs. */
function verdictBody(verdict: Verdict, loopId: string, runs: LogRuns): VerdictBody {
  return {
    loopId,
    ruleId: verdict.ruleId,
    cause: verdict.cause,
    category: categoryOf(verdict.cause),
    confidence: verdict.confidence,
    what: verdict.what,
    sentence: verdict.sentence,
    facts: verdict.facts.map((fact) => ({ ...fact, place: placeBody(fact.place, runs) })),
    steps: verdict.steps.map((step) => stepBody(step, runs)),
  };
}

/** `log` is one of the three logs, chosen for the rules; it is not counted twice. */
type ShownPart = Exclude<EvidencePart, 'log'>;

const PART_NAMES: Readonly<Record<ShownPart, string>> = {
  lastTermination: 'Last exit',
  previousLog: 'Log of the crashed run',
  currentLog: 'Log of the run that is alive',
  firstLog: 'Log of the first crash',
  events: 'Events',
  node: 'Node',
  siblings: 'Other replicas',
  owner: 'Owner',
  revision: 'Revisions',
  references: 'ConfigMaps',
  services: 'Services',
  claims: 'Volume claims',
  policies: 'Network policies',
};

function describePart(evidence: Evidence, part: ShownPart): string | null {
  switch (part) {
    case 'lastTermination':
      return evidence.lastTermination
        ? `exit ${evidence.lastTermination.exitCode}, ${evidence.lastTermination.reason || 'no reason given'}`
        : null;
    case 'previousLog':
    case 'currentLog':
    case 'firstLog': {
      const log = evidence[part];
      if (!log) return null;
      const skipped = log.skippedLines > 0 ? `, ${log.skippedLines} between head and tail left out` : '';
      return log.lines.length === 0 ? 'empty: the run printed nothing' : `${log.lines.length} lines${skipped}`;
    }
    case 'events':
      return evidence.events
        ? evidence.events.length === 0
          ? 'none are kept'
          : `${evidence.events.length} of the pod and its owners`
        : null;
    case 'node':
      return evidence.node
        ? `${evidence.node.name}, kubelet ${evidence.node.kubeletVersion}, ${evidence.node.architecture}`
        : null;
    case 'siblings':
      return evidence.siblings ? `${evidence.siblings.length} other pods of the workload` : null;
    case 'owner':
      return evidence.owner ? `${evidence.owner.kind} ${evidence.owner.name}` : null;
    case 'revision':
      return evidence.revision
        ? `revision ${evidence.revision.number}, ${evidence.revision.changes.length} changes to the one before`
        : null;
    case 'references':
      return evidence.references ? `${evidence.references.length} that the pod refers to` : null;
    case 'services':
      return evidence.services ? `${evidence.services.length} in the namespace` : null;
    case 'claims':
      return evidence.claims ? `${evidence.claims.length} that the pod mounts` : null;
    case 'policies':
      return evidence.policies ? `${evidence.policies.length} that restrict what the pod may open` : null;
  }
}

/** "What Unloop saw": one line per part, present first. Parts that say nothing about this pod are left out. */
function evidenceLines(evidence: Evidence): EvidenceLine[] {
  const present: EvidenceLine[] = [];
  const missing: EvidenceLine[] = [];
  for (const part of Object.keys(PART_NAMES) as ShownPart[]) {
    const text = describePart(evidence, part);
    if (text !== null) present.push({ part: PART_NAMES[part], state: 'present', text });
    else if (evidence.missing[part])
      missing.push({ part: PART_NAMES[part], state: 'missing', text: evidence.missing[part] });
  }
  return [
    ...present,
    ...missing,
    { part: 'Secrets', state: 'missing', text: 'never read: neither values nor names of keys' },
  ];
}

/** Status paths name containers (`status.containerStatuses[app].state`); the YAML has indices. */
function indexedPath(path: string, pod: unknown): string {
  return path.replace(/(status\.\w*[cC]ontainerStatuses)\[([^\]\d][^\]]*)\]/, (whole, list: string, name: string) => {
    const key = list.slice('status.'.length);
    const statuses = (pod as { status?: Record<string, { name?: string }[]> }).status?.[key];
    const at = Array.isArray(statuses) ? statuses.findIndex((s) => s.name === name) : -1;
    return at < 0 ? whole : `${list}[${at}]`;
  });
}

/** The pod of a record as YAML, with the lines marked that the verdict's facts were read from. */
function specBody(redactedPod: unknown, podName: string, verdict: VerdictBody | undefined): Spec {
  const yaml = dump(redactedPod, { lineWidth: -1, noRefs: true, sortKeys: false });
  const lines = yamlLines(yaml);
  const marks: { line: number; path: string; text: string }[] = [];
  for (const fact of verdict?.facts ?? []) {
    if (fact.place.tab !== 'spec' && fact.place.tab !== 'status') continue;
    const line = lineOfPath(lines, indexedPath(fact.place.path, redactedPod));
    if (line !== null) marks.push({ line, path: fact.place.path, text: fact.text });
  }
  return { yaml, pod: podName, marks };
}

/** The probes of the container that was diagnosed, in the order in which the kubelet lets them act. */
function probeBodies(evidence: Evidence): ProbeTimingBody[] {
  return (['startup', 'liveness', 'readiness'] as const).flatMap((kind) => {
    const probe = evidence.container[kind];
    if (probe === null) return [];
    const { initialDelay, period, timeout, failureThreshold } = probe;
    const budget = kind === 'readiness' ? null : killBudgetOf(probe, evidence.pod.grace);
    return [{ kind, initialDelay, period, timeout, failureThreshold, budget }];
  });
}
