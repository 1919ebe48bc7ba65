import { describe, expect, it } from 'vitest';
import { exampleDiagnosis } from './example-diagnosis';
import { mergeEvents } from './merge-events';

const [backOff, deadline] = exampleDiagnosis.events;
if (!backOff || !deadline) throw new Error('the example lost its events');

describe('mergeEvents', () => {
  it('gives what says the same about the same object once, with all its counts and its whole time', () => {
    const older = {
      ...backOff,
      uid: 'older',
      count: 3,
      first: '2026-11-12T12:00:00.000Z',
      last: '2026-11-12T12:30:00.000Z',
    };
    const [first, second] = mergeEvents([deadline, older, backOff]);
    expect(first).toMatchObject({ reason: 'BackOff', count: 434, first: older.first, last: backOff.last });
    expect(first?.uids).toEqual(['older', backOff.uid]);
    expect(second).toMatchObject({ reason: 'ProgressDeadlineExceeded', count: 1 });
  });

  it('keeps what another pod or container says apart', () => {
    expect(mergeEvents([backOff, { ...backOff, uid: 'b', object: 'Pod/other' }])).toHaveLength(2);
    expect(mergeEvents([backOff, { ...backOff, uid: 'c', container: 'proxy' }])).toHaveLength(2);
  });

  it('puts events without a time last', () => {
    expect(mergeEvents([{ ...backOff, last: null }, deadline]).map((event) => event.reason)).toEqual([
      'ProgressDeadlineExceeded',
      'BackOff',
    ]);
  });
});
