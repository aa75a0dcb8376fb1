import { expect } from 'vitest';

/** One text of a picture, and where it stands. */
export interface SvgText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: string;
}

/** Throws unless the text is well-formed XML of elements, attributes and text, with one svg at the root. */
export function checkSvg(svg: string): void {
  const open: string[] = [];
  let at = 0;
  const token = /<(\/?)([a-z]+)((?:\s[a-zA-Z][\w:-]*="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>|([^<>]+)/gy;
  for (let match = token.exec(svg); match !== null; match = token.exec(svg)) {
    at = token.lastIndex;
    const [, closing, name, attributes, empty, text] = match;
    if (text !== undefined) expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot);)/);
    else if (closing === '/') expect(open.pop()).toBe(name);
    else {
      const names = [...attributes!.matchAll(/([\w:-]+)="/g)].map((m) => m[1]);
      expect(new Set(names).size).toBe(names.length);
      if (empty !== '/') open.push(name!);
    }
  }
  expect(svg.slice(at)).toBe('');
  expect(open).toEqual([]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" /);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}

/** Texts that stand upright, with their places. */
export function textsOf(svg: string): SvgText[] {
  return [...svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"([^>]*)>([^<]*)<\/text>/g)].map((match) => ({
    x: Number(match[1]),
    y: Number(match[2]),
    anchor: /text-anchor="(\w+)"/.exec(match[3]!)?.[1] ?? 'start',
    text: match[4]!,
  }));
}

/** The picture's width and height. */
export function sizeOf(svg: string): [number, number] {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!;
  return [Number(width), Number(height)];
}
