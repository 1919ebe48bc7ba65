import { describe, expect, it } from 'vitest';
import { describeExit, signalName } from './exit-code';

describe('signalName', () => {
  it.each([
    [129, 'SIGHUP'],
    [130, 'SIGINT'],
    [132, 'SIGILL'],
    [134, 'SIGABRT'],
    [135, 'SIGBUS'],
    [136, 'SIGFPE'],
    [137, 'SIGKILL'],
    [138, 'SIGUSR1'],
    [139, 'SIGSEGV'],
    [141, 'SIGPIPE'],
    [143, 'SIGTERM'],
    [159, 'SIGSYS'],
  ])('reads %d as %s', (code, name) => {
    expect(signalName(code)).toBe(name);
  });

  it.each([0, 1, 127, 128, 147, 150, 160, 255, -1, -1073741819])('finds no signal in %d', (code) => {
    expect(signalName(code)).toBeNull();
  });
});

describe('describeExit', () => {
  it.each([
    [137, 'OOMKilled', 'killed for lack of memory (SIGKILL)'],
    [0, 'OOMKilled', 'ended with 0; a process in it had been killed for lack of memory'],
    [137, 'Error', 'killed from outside (SIGKILL)'],
    [137, 'ContainerStatusUnknown', 'the kubelet lost sight of it, how it ended is unknown'],
    [137, 'RestartingAllContainers', 'stopped with the whole pod, by the restart rule of one of its containers'],
    [128, 'StartError', 'never started: the runtime could not run its command'],
    [255, 'Unknown', 'the runtime lost track of it, how it ended is unknown'],
    [255, 'Error', 'ended with -1, or failed before the program ran'],
    [0, 'Completed', 'ended normally'],
    [143, 'Error', 'asked to stop (SIGTERM)'],
    [138, 'Error', 'ended by SIGUSR1'],
    [42, 'Error', 'ended with code 42 of its own'],
    [-532462766, 'Error', 'an unhandled .NET exception (Windows 0xE0434352)'],
    [-1073741676, '', 'ended with Windows status 0xC0000094'],
    [3, '', 'ended with code 3 of its own'],
  ])('says of exit %d %s: %s', (code, reason, words) => {
    expect(describeExit(code, reason)).toBe(words);
  });

  it('never calls a bare SIGKILL a lack of memory', () => {
    for (const reason of ['Error', '', 'ContainerStatusUnknown', 'RestartingAllContainers']) {
      expect(describeExit(137, reason)).not.toContain('memory');
    }
  });

  it('is not led astray by reasons named like object members', () => {
    expect(describeExit(1, 'constructor')).toBe('ended with a general error');
  });
});
