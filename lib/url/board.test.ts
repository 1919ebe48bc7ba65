import { isParserBijective } from 'nuqs/testing';
import { describe, expect, it } from 'vitest';
import { boardParsers, loadBoard, parseAsGroups, parseAsNamespaces, serializeBoard } from './board';

describe('the view of the board in the URL', () => {
  it('writes and reads namespaces without loss', () => {
    expect(isParserBijective(parseAsNamespaces, 'billing,shop', ['billing', 'shop'])).toBe(true);
  });

  it('gives one choice of namespaces one URL', () => {
    expect(parseAsNamespaces.serialize(['shop', 'billing', 'shop'])).toBe('billing,shop');
    expect(parseAsNamespaces.parse('shop,billing,shop')).toEqual(['billing', 'shop']);
  });

  it('writes and reads open groups without loss, and drops what cannot be one', () => {
    expect(isParserBijective(parseAsGroups, '9ab,k3x', ['9ab', 'k3x'])).toBe(true);
    expect(parseAsGroups.parse('k3x,<b>,9ab,k3x')).toEqual(['9ab', 'k3x']);
    expect(loadBoard({ group: 'off', open: 'k3x' })).toMatchObject({ group: 'off', open: ['k3x'] });
  });

  it('drops what cannot be the name of a namespace', () => {
    expect(parseAsNamespaces.parse('shop,../etc,<script>,UPPER')).toEqual(['shop']);
    expect(parseAsNamespaces.parse('..')).toBeNull();
  });

  it('falls to worst first for an unknown column', () => {
    expect(loadBoard({ q: 'ns:shop', sort: 'password' })).toMatchObject({ q: 'ns:shop', ns: [], sort: null });
    expect(boardParsers.sort.parse('-restarts')).toBe('-restarts');
  });

  it('keeps defaults out of the URL', () => {
    expect(serializeBoard('/c/prod', { q: '', ns: [], sort: null })).toBe('/c/prod');
    expect(serializeBoard('/c/prod', { q: 'state:gone', sort: '-since' })).toBe('/c/prod?q=state:gone&sort=-since');
  });
});
