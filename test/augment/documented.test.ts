import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as augment from '../../src/augment/index.ts';
import { parseAugmentation, type TransformJson, transformNames } from '../../src/augment/index.ts';

// docs/augmentation.md is written by hand; here it is held against what there is.

const page = readFileSync('docs/augmentation.md', 'utf8');
const { gain } = augment;
const recordings = { 'rain.wav': { samples: Float32Array.of(0.1, -0.1), sampleRate: 8000 } };

/** A transform with as few options as it takes. */
function least(name: string): TransformJson {
  const json: Record<string, object> = {
    addBackground: { recordings: ['rain.wav'] },
    pad: { durationSec: 1 },
    compose: { transforms: [gain()] },
    oneOf: { transforms: [gain()] },
    someOf: { count: 1, transforms: [gain()] },
    maybe: { p: 0.5, of: gain() },
    ownFunction: { name: 'mine' },
  };
  const plain = JSON.parse(JSON.stringify({ transform: name, ...json[name] }));
  const functions = { mine: (w: augment.Waveform) => w };
  return augment.parseTransform(plain, { recordings, functions }).toJSON();
}

const MADE_OF_OTHERS = ['compose', 'oneOf', 'someOf', 'maybe', 'ownFunction'];
const single = transformNames().filter((name) => !MADE_OF_OTHERS.includes(name));

/** What stands under a heading of the third rank. */
function section(name: string): string {
  const begin = page.indexOf(`\n### ${name}\n`);
  expect(begin, `### ${name}`).toBeGreaterThan(0);
  return page.slice(begin + 1).split(/\n##/)[0]!;
}

describe('docs/augmentation.md', () => {
  it.each(single)('has %s, with every option and its default', (name) => {
    const { transform, ...options } = least(name);
    expect(transform).toBe(name);
    const text = section(name);
    for (const [option, value] of Object.entries(options)) {
      expect(text).toContain(`\`${option}\``);
      if (name === 'addBackground' && option === 'recordings') continue;
      if (name === 'pad' && option === 'durationSec') continue;
      const row = text.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${option}\``));
      const said =
        typeof value === 'string' ? value : JSON.stringify(value).replace(',', ', ').replace('1e-6', '0.000001');
      expect(row, `${name}.${option} by default`).toContain(`\`${said}\``);
    }
  });

  it('has no transform that there is not', () => {
    const transforms = page.split('\n## The transforms\n')[1]!.split('\n## ')[0]!;
    const names = [...transforms.matchAll(/^### (\w+)$/gm)].map((match) => match[1]!);
    expect(names.slice().sort()).toEqual(single.slice().sort());
  });

  it.each(MADE_OF_OTHERS)('has %s, with its fields in JSON', (name) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}(`));
    for (const field of Object.keys(least(name))) {
      if (field !== 'transform') expect(row).toContain(`\`${field}\``);
    }
  });

  it('shows pictures that are there, of less than 64 kB', () => {
    const pictures = [...page.matchAll(/!\[\w+\]\(([^)]+)\)/g)].map((match) => `docs/${match[1]}`);
    expect(pictures).toHaveLength(single.length);
    for (const path of pictures) {
      expect(existsSync(path), path).toBe(true);
      expect(readFileSync(path).length).toBeLessThan(64_000);
    }
  });

  it('has JSON that is read as it stands, and so is the example', () => {
    const [, json] = /```json\n([\s\S]*?)```/.exec(page)!;
    const named = { ...recordings, noises: recordings['rain.wav'] };
    expect(parseAugmentation(JSON.parse(json!), { recordings: named }).features?.kind).toBe('maskTime');
    const example = parseAugmentation(JSON.parse(readFileSync('examples/augment.json', 'utf8')));
    expect(example.waveform?.kind).toBe('compose');
  });
});
