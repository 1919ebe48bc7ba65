import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { RULES } from '@/lib/diagnosis/registry';
import { commandOf } from '@/lib/diagnosis/steps/command-of';
import { conditionWords } from '@/lib/diagnosis/steps/condition';
import { fieldChanges, patchBody } from '@/lib/diagnosis/steps/field-changes';
import { gitYamlOf } from '@/lib/diagnosis/steps/git-yaml';
import { type Operation, wordsToFill } from '@/lib/diagnosis/steps/operation';
import type { Step, Verdict } from '@/lib/diagnosis/verdict';
import { readCapture } from './read-capture';

const FOLDER = join(import.meta.dirname, '../../lib/diagnosis/rules');
/** Whether an operation changes something: then its step says when it is done. */
const CHANGES: Readonly<Record<Operation['kind'], boolean>> = {
  patch: true,
  edit: true,
  rollback: true,
  restart: true,
  'delete-pod': true,
  'delete-failed-pods': true,
  'end-container': true,
  create: true,
  look: false,
  run: false,
  decide: false,
};
const PLACEHOLDER = /(?:^|[ '"=:/])(HOST|PORT|NODE|NAME|VALUE|KEY|TAG|IMAGE|USER|PASSWORD|SECRET|NEW_SIZE)(?=$|[ '"])/g;
/** What changes nothing that is there: kubectl by its verb, and tools that read an image or a stream. */
const READS: readonly RegExp[] = [
  /^kubectl (?:-n \S+ )?(?:get|describe|logs|top|version|api-resources|api-versions|auth can-i|debug|run \S+ --rm)\b/,
  /^kubectl (?:-n \S+ )?set env .* --list$/,
  /^kubectl (?:-n \S+ )?exec .* -- (?:cat|df|ps|wget|sh -c 'ss -ltn)/,
  /^docker (?:run --rm|image inspect|manifest inspect|buildx imagetools inspect)\b/,
];

const verdicts: Verdict[] = [];
const steps: Step[] = [];

beforeAll(async () => {
  for (const { id } of RULES) {
    for (const name of readdirSync(join(FOLDER, id)).filter((one) => one.startsWith('fires.'))) {
      const { sources } = await readCapture(join(FOLDER, id, name));
      for (const source of sources) verdicts.push(...diagnose(buildEvidence(source)).verdicts);
    }
  }
  steps.push(...verdicts.flatMap((verdict) => verdict.steps));
});

describe('the steps of every verdict of every fixture', () => {
  test('have ids that are kebab-case and unique within their verdict', () => {
    expect(steps.length).toBeGreaterThan(200);
    for (const { ruleId, steps: own } of verdicts) {
      const ids = own.map((step) => step.id);
      expect(new Set(ids).size, `${ruleId}: ${ids.join(' ')}`).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    }
  });

  test('say when they are done where they change something', () => {
    const silent = steps.filter(({ operation, done }) => CHANGES[operation.kind] && done === undefined);
    expect(silent.map((step) => step.id)).toEqual([]);
    for (const { done } of steps) if (done) expect(conditionWords(done)).toMatch(/^\w.*[^.]$/);
  });

  test('have commands that a shell parses', () => {
    const lines = steps.flatMap(({ operation }) => commandOf(operation) ?? []);
    expect(() => execFileSync('sh', ['-n'], { input: lines.join('\n') })).not.toThrow();
  });

  test('leave no word to fill in but those they name', () => {
    for (const { id, operation } of steps) {
      const command = commandOf(operation) ?? '';
      const found = [...command.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
      expect(new Set(found), `${id}: ${command}`).toEqual(new Set(wordsToFill(operation)));
      expect(command, id).not.toMatch(/undefined|\[object|(?:node\/|nodeName=)(?: |$)/);
    }
  });

  test('run only what reads', () => {
    const commands = steps.flatMap(({ operation }) => (operation.kind === 'run' ? [commandOf(operation) ?? ''] : []));
    expect(commands.filter((command) => !READS.some((pattern) => pattern.test(command)))).toEqual([]);
  });

  test('patch whole fields of a named object, which come together to what they were taken from', () => {
    const patches = steps.flatMap(({ operation }) => (operation.kind === 'patch' ? [operation] : []));
    expect(patches.length).toBeGreaterThan(20);
    for (const { target, changes } of patches) {
      expect(target.kind).not.toBe('');
      expect(target.name).not.toBe('');
      expect(fieldChanges(patchBody(changes))).toEqual(changes);
      for (const { value } of changes) expect(JSON.stringify(value)).not.toMatch(/undefined|NaN/);
    }
  });

  test('give YAML for Git wherever fields change or objects are made, nodes apart', () => {
    for (const { operation } of steps) {
      const isDeclared =
        operation.kind === 'create' || (operation.kind === 'patch' && operation.target.kind !== 'Node');
      expect(gitYamlOf(operation) !== null).toBe(isDeclared);
    }
  });
});
