import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { failureKey, fingerprintOf } from '@/lib/diagnosis/fingerprint';
import { RULES } from '@/lib/diagnosis/registry';
import { readCapture } from './read-capture';

const FOLDER = join(import.meta.dirname, '../../lib/diagnosis/rules');

test('no two causes of all captures share a fingerprint, and equal fingerprints mean equal keys', async () => {
  const causes = new Map<string, { cause: string; key: string }>();
  for (const rule of RULES) {
    for (const name of readdirSync(join(FOLDER, rule.id)).filter((one) => one.startsWith('fires.'))) {
      const { sources } = await readCapture(join(FOLDER, rule.id, name));
      const [source] = sources;
      if (!source) continue;
      const evidence = buildEvidence(source);
      const verdict = diagnose(evidence).verdicts[0] ?? null;
      const print = fingerprintOf(evidence, verdict);
      const found = { cause: verdict?.cause ?? 'unknown', key: failureKey(evidence, verdict).join('\n') };
      const known = causes.get(print);
      if (known) expect({ name, ...found }).toEqual({ name, ...known });
      causes.set(print, found);
    }
  }
  expect(causes.size).toBeGreaterThan(40);
});
