import { describe, expect, it } from 'vitest';
import { bytesField, intField, varint } from './testing/proto-writer';
import { cutString, cutUtf8, WireError, WireReader } from './wire';

describe('WireReader', () => {
  it('reads bytes made by hand: field 1 = "hi", field 2 = 300, field 3 = {1: true}', () => {
    const reader = new WireReader(Buffer.from([0x0a, 2, 0x68, 0x69, 0x10, 0xac, 0x02, 0x1a, 2, 0x08, 1]));
    expect(reader.next() && reader.text()).toBe('hi');
    expect(reader.next() && reader.int()).toBe(300);
    expect(reader.next()).toBe(true);
    const inner = reader.enter();
    expect(inner.next() && inner.bool()).toBe(true);
    expect(reader.next()).toBe(false);
  });

  it.each([0, 1, -1, 137, -532462766, 2147483647, -2147483648])('reads int32 %i', (value) => {
    const reader = new WireReader(intField(1, value));
    expect(reader.next() && reader.int()).toBe(value);
  });

  it.each([0, -1, 1764064800, 4294967296, Number.MAX_SAFE_INTEGER, -62135596800])('reads int64 %i', (value) => {
    const reader = new WireReader(intField(1, value));
    expect(reader.next() && reader.long()).toBe(value);
  });

  it('passes over every wire type without looking into it', () => {
    const bytes = Buffer.concat([
      intField(1, 5),
      bytesField(2, 'x'.repeat(300)),
      varint(3 * 8 + 1),
      Buffer.alloc(8),
      varint(4 * 8 + 5),
      Buffer.alloc(4),
      bytesField(5, 'end'),
    ]);
    const reader = new WireReader(bytes);
    for (let n = 0; n < 4; n++) {
      expect(reader.next()).toBe(true);
      reader.skip();
    }
    expect(reader.next() && reader.text()).toBe('end');
  });

  it.each([
    ['a length beyond the end', [0x0a, 200, 1]],
    ['a length of 2^63', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a varint without end', [0x08, 0xff]],
    ['a varint of eleven bytes', [0x08, ...Array<number>(11).fill(0xff)]],
    ['field number 0', [0x00]],
    ['a group', [0x0b]],
    ['64 bits that are not there', [0x09, 1, 2]],
  ])('refuses %s', (_, bytes) => {
    const reader = new WireReader(Buffer.from(bytes));
    expect(() => {
      while (reader.next()) reader.skip();
    }).toThrow(WireError);
  });

  it('refuses a value of another type than asked for', () => {
    const reader = new WireReader(intField(1, 5));
    reader.next();
    expect(() => reader.text()).toThrow(WireError);
  });
});

describe('cutting', () => {
  it('never cuts within a character', () => {
    const bytes = Buffer.from('aé✗😀');
    const cuts = Array.from({ length: bytes.length }, (_, max) => cutUtf8(bytes, 0, bytes.length, max));
    expect(cuts.some((text) => text.includes('\ufffd'))).toBe(false);
    expect(cutUtf8(bytes, 0, bytes.length, bytes.length)).toBe('aé✗😀');
  });

  it('cuts a string where it would cut its bytes', () => {
    const text = '✗'.repeat(100);
    const bytes = Buffer.from(text);
    expect(cutString(text, 50)).toBe(cutUtf8(bytes, 0, bytes.length, 50));
    expect(cutString('short', 50)).toBe('short');
  });
});
