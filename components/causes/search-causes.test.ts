import { describe, expect, it } from 'vitest';
import type { CauseBody } from '@/lib/contract/cause';
import { docsOfCause } from '@/lib/diagnosis/cause-docs';
import { CAUSE_IDS, CAUSES } from '@/lib/domain/causes';
import { searchCauses } from './search-causes';

const causes: CauseBody[] = CAUSE_IDS.map((id) => ({
  id,
  ...CAUSES[id],
  docs: docsOfCause(id).map((doc) => ({ ...doc, steps: [...doc.steps] })),
  affected: [],
}));
const ids = (text: string) => searchCauses(causes, text).causes.map((cause) => cause.id);

describe('searchCauses', () => {
  it('finds by any words of a cause, whatever their order and case', () => {
    expect(ids('OOMKilled')).toContain('oom-killed');
    expect(ids('limit memory killed')).toContain('oom-killed');
    expect(ids('')).toHaveLength(CAUSE_IDS.length);
  });

  it('finds the nearest causes for a pasted line that fits none as a whole', () => {
    const found = searchCauses(causes, 'standard_init_linux.go:228: exec user process caused: exec format error');
    expect(found.isWhole).toBe(false);
    expect(found.causes[0]?.id).toBe('wrong-architecture');
  });

  it('gives nothing for words that stand nowhere, and takes hostile text as text', () => {
    expect(ids('zzzzqqq xxxyyy')).toEqual([]);
    expect(ids('(a+)+$<script>'.repeat(500)).length).toBeLessThanOrEqual(CAUSE_IDS.length);
  });
});
