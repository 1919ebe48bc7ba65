import { describe, expect, it } from 'vitest';
import { exampleLoops } from '@/lib/contract/example-loops';
import { matchesFilter, parseFilter, parseTerm, splitFilter, toggleToken } from './loop-filter';

const loops = exampleLoops();

function names(filter: string): string[] {
  const terms = parseFilter(filter);
  return loops.filter((loop) => matchesFilter(loop, terms)).map((loop) => loop.workload.name);
}

describe('the filter language', () => {
  it('finds free text in names, causes, status and images, whatever the case', () => {
    expect(names('LEDGER')).toEqual(['ledger-api']);
    expect(names('memory limit')).toEqual(['ledger-api']);
    expect(names('createcontainer')).toEqual(['nightly-report']);
    expect(names('ml/ocr:1.4')).toEqual(['ocr']);
  });

  it('wants every term, and takes a negated one away', () => {
    expect(names('ns:shop !checkout state:looping')).toEqual(['orders-worker', 'email-worker', 'catalog']);
    expect(names('!ns:shop !ns:data !ns:billing ns:ml')).toEqual(['recommender', 'ocr']);
  });

  it('reads a comma as or, and a star in a namespace as anything', () => {
    expect(names('ns:ml,edge')).toEqual(['recommender', 'ocr', 'gateway']);
    expect(names('ns:obs*')).toEqual(['log-agent']);
    expect(names('ns:*serv*ity')).toEqual(['log-agent']);
    expect(names('ns:obs')).toEqual([]);
  });

  it('knows causes by id and by category', () => {
    expect(names('cause:oom')).toEqual(['ledger-api']);
    expect(names('cause:image')).toEqual(['storefront', 'ocr']);
    expect(names('cause:unknown')).toEqual(['geo-sync']);
  });

  it('knows exits by code, by range, by signal and by reason', () => {
    expect(names('exit:255')).toEqual(['ocr']);
    expect(names('exit:>137')).toEqual(['ocr']);
    expect(names('exit:sigabrt')).toEqual(['pdf-render']);
    expect(names('exit:oomkilled')).toEqual(['ledger-api']);
  });

  it('compares restarts', () => {
    expect(names('restarts:>24')).toEqual(['ocr', 'pdf-render']);
    expect(names('restarts:>=37')).toEqual(['ocr', 'pdf-render']);
    expect(names('restarts:4..5')).toEqual(['catalog-index', 'gateway']);
    expect(names('restarts:<1')).toEqual(['nightly-report', 'storefront']);
    expect(names('!restarts:>0')).toEqual(['nightly-report', 'storefront']);
  });

  it('knows states by name, by their beginning, and all that fails now', () => {
    expect(names('state:gone')).toEqual(['backfill']);
    expect(names('state:never,came')).toEqual(['nightly-report', 'catalog-index', 'storefront']);
    expect(names('state:failing')).toHaveLength(14);
  });

  it('finds node, image and kind', () => {
    expect(names('node:worker-11')).toEqual(['ocr']);
    expect(names('image:edge/gateway')).toEqual(['gateway']);
    expect(names('kind:stateful')).toEqual(['catalog-index']);
  });

  it('ignores a term that makes no sense and says why', () => {
    expect(names('restarts:many')).toHaveLength(loops.length);
    expect(parseTerm('restarts:many').problem).toMatch(/not a number/);
    expect(parseTerm('state:broken').problem).toMatch(/no state "broken"/);
    expect(parseTerm('ns:').problem).toMatch(/needs a value/);
    expect(parseTerm('ns:shop').problem).toBe('');
  });

  it('takes a colon after no known key for plain text', () => {
    expect(parseTerm('redis:7')).toMatchObject({ key: null, value: 'redis:7' });
    expect(parseTerm('!')).toMatchObject({ key: null, negated: false, value: '!' });
  });

  it('keeps quoted words together', () => {
    expect(splitFilter('ns:shop "is not set"  !"no OOM"')).toEqual(['ns:shop', '"is not set"', '!"no OOM"']);
    expect(names('"is not set"')).toEqual(['checkout']);
    expect(names('"unclosed')).toEqual([]);
  });

  it('takes hostile text as text', () => {
    expect(names('<img/onerror=alert(1)>')).toEqual([]);
    expect(names(`ns:${'*a'.repeat(2000)}`)).toEqual([]);
  });
});

describe('toggleToken', () => {
  it('adds a token at the end and takes it away again', () => {
    expect(toggleToken('ns:shop', 'state:gone')).toBe('ns:shop state:gone');
    expect(toggleToken('ns:shop state:gone', 'ns:shop')).toBe('state:gone');
    expect(toggleToken('', 'state:gone')).toBe('state:gone');
  });
});
