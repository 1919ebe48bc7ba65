import { describe, expect, it } from 'vitest';
import { loadDiagnosisView } from '@/lib/url/diagnosis';
import { runsOf } from './choose-view';
import { exampleDiagnosis } from './example-diagnosis';
import { lostParams } from './lost-params';

const [loop] = exampleDiagnosis.loops;
if (!loop) throw new Error('the example lost its loop');
const runs = runsOf(exampleDiagnosis, loop.id);

function lostIn(query: string): readonly string[] {
  const search = new URLSearchParams(query);
  const view = loadDiagnosisView(search);
  return lostParams(exampleDiagnosis, exampleDiagnosis.loops, loop as NonNullable<typeof loop>, runs, view, search);
}

describe('lostParams', () => {
  it('says nothing where everything in the address is found', () => {
    expect(lostIn('')).toEqual([]);
    expect(lostIn(`pod=checkout-6d5f9c7b84-m8tqz&container=${loop.container}&tab=spec&line=3`)).toEqual([]);
  });

  it('names a pod, a container and an event that are not recorded', () => {
    expect(lostIn('pod=checkout-gone')).toEqual([
      'No pod "checkout-gone" of this workload is recorded: the runs of its other pods are shown.',
    ]);
    expect(lostIn('container=sidecar')[0]).toMatch(/^No container "sidecar" of this workload loops/);
    expect(lostIn('event=nothing')).toEqual(['The event in this address is no longer recorded.']);
  });

  it('names what cannot be read, and cuts what is long', () => {
    expect(lostIn('tab=logz')).toEqual([
      'tab="logz" in this address cannot be read: it takes one of logs, events, spec.',
    ]);
    expect(lostIn(`zoom=${'x'.repeat(5000)}`)[0]?.length).toBeLessThan(200);
  });
});
