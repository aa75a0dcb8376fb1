import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSerKitError } from '../../src/core/errors.ts';
import { loadRecognizer } from '../../src/recognizer/load-recognizer.ts';
import { type RecognizerDescription, writeManifest } from '../../src/recognizer/manifest.ts';
import type { Recognizer } from '../../src/recognizer/recognizer.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { SOUNDS, sound, sourceOf, startWasm, trainTiny } from './support.ts';

const MANIFEST = 'manifest.json';
const WEIGHTS = 'weights.bin';

/** The error that loading ends in; it has to be one that names the file and a reason, in one line. */
async function refusal(files: ReadonlyMap<string, Uint8Array>): Promise<{ code: string; message: string }> {
  try {
    (await loadRecognizer(sourceOf(files))).dispose();
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    expect(error.message).toMatch(/manifest\.json|weights\.bin/);
    expect(error.message).not.toContain('\n');
    return error;
  }
  throw new Error('loaded');
}

describe('a saved recognizer', () => {
  let recognizer: Recognizer;
  let files: ReadonlyMap<string, Uint8Array>;
  const withFile = (path: string, bytes: Uint8Array): Map<string, Uint8Array> => new Map(files).set(path, bytes);
  const withText = (path: string, text: string): Map<string, Uint8Array> =>
    withFile(path, new TextEncoder().encode(text));
  const without = (path: string): Map<string, Uint8Array> => {
    const rest = new Map(files);
    rest.delete(path);
    return rest;
  };

  /** A manifest that is signed as it should be and says something else: what a hostile author can make. */
  const forged = async (path: string, value: unknown): Promise<Map<string, Uint8Array>> => {
    const { recognizer: description } = JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
    const keys = path.split('.');
    const last = keys.pop()!;
    keys.reduce((object, key) => object[key], description)[last] = value;
    return withFile(MANIFEST, await writeManifest(description as RecognizerDescription));
  };

  beforeAll(async () => {
    await startWasm();
    recognizer = await trainTiny({
      epochs: 2,
      frontEnd: {
        sampleRate: 8000,
        features: [{ name: 'logMel', options: { nFft: 256, nMels: 8, fMax: 4000 }, deltas: [1] }],
      },
      about: { corpus: 'sounds' },
    });
    files = await saveRecognizer(recognizer);
  });

  it.each([undefined, null, 'runs/a', {}])('is not loaded from %j', async (from) => {
    await expect(loadRecognizer(from as never)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/^loadRecognizer: expected a FileSource or the URL of a folder, got/),
    });
  });

  it('may come from before a version kept how it was trained', async () => {
    const { recognizer: description } = JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
    for (const key of ['training', 'madeWith', 'unknownSpeakers']) delete description.provenance[key];
    const older = await loadRecognizer(sourceOf(withFile(MANIFEST, await writeManifest(description))));
    expect(older.provenance.training).toBeUndefined();
  });

  it('gives the same probabilities when loaded, and the same bytes when saved again', async () => {
    const loaded = await loadRecognizer(sourceOf(files));
    expect(loaded.labels).toEqual(recognizer.labels);
    expect(loaded.provenance).toEqual(recognizer.provenance);
    for (const kind of SOUNDS) {
      expect(await loaded.predict(sound(kind, 6))).toEqual(await recognizer.predict(sound(kind, 6)));
    }
    const again = await saveRecognizer(loaded);
    expect([...again.keys()]).toEqual([...files.keys()]);
    for (const [path, bytes] of files) expect(Buffer.compare(again.get(path)!, bytes)).toBe(0);
    loaded.dispose();
  });

  it.each(['simple-rnn', 'lstm', 'cnn-lstm'] as const)('keeps a %s', async (model) => {
    const sizes = { units: 4, denseUnits: [3], ...(model === 'cnn-lstm' ? { filters: [4] } : {}) };
    const trained = await trainTiny({ model, modelOptions: sizes, epochs: 1 });
    const loaded = await loadRecognizer(sourceOf(await saveRecognizer(trained)));
    expect(await loaded.predict(sound('high', 6))).toEqual(await trained.predict(sound('high', 6)));
  });

  it('has weights as little-endian float32, one after another', async () => {
    const { recognizer: saved } = JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
    const numbers = saved.model.weights.reduce(
      (total: number, { shape }: { shape: number[] }) => total + shape.reduce((a, b) => a * b, 1),
      0,
    );
    expect(files.get(WEIGHTS)!.length).toBe(numbers * 4);
    const view = new DataView(files.get(WEIGHTS)!.buffer);
    expect(Math.abs(view.getFloat32(0, true))).toBeGreaterThan(1e-6);
    expect(Math.abs(view.getFloat32(0, true))).toBeLessThan(10);
  });

  it('loads whatever way the manifest is indented', async () => {
    const compact = JSON.stringify(JSON.parse(new TextDecoder().decode(files.get(MANIFEST))));
    await loadRecognizer(sourceOf(withText(MANIFEST, compact)));
  });

  it('is refused when a file is missing, saying which', async () => {
    for (const path of files.keys()) {
      const { code, message } = await refusal(without(path));
      expect(code).toBe('not-found');
      expect(message).toContain(path);
    }
  });

  it('is refused when a file breaks off, wherever it does', async () => {
    const manifest = files.get(MANIFEST)!;
    const weights = files.get(WEIGHTS)!;
    for (const share of [0, 0.0001, 0.01, 0.3, 0.7, 0.999]) {
      const at = Math.floor(share * manifest.length);
      const { code } = await refusal(withFile(MANIFEST, manifest.slice(0, at)));
      expect(['truncated', 'bad-format']).toContain(code);
      if (share >= 0.01) expect(code).toBe('truncated');
      expect((await refusal(withFile(WEIGHTS, weights.slice(0, Math.floor(share * weights.length))))).code).toBe(
        'truncated',
      );
    }
    expect((await refusal(withFile(MANIFEST, manifest.slice(0, -3)))).code).toBe('truncated');
    expect((await refusal(withFile(WEIGHTS, weights.slice(0, -1)))).code).toBe('truncated');
    expect((await refusal(withFile(WEIGHTS, new Uint8Array([...weights, 0])))).code).toBe('altered');
  });

  it('is refused when any byte of the weights is another', async () => {
    const weights = files.get(WEIGHTS)!;
    const anyByte = fc.asyncProperty(
      fc.nat(weights.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const bytes = weights.slice();
        bytes[at]! ^= change;
        expect((await refusal(withFile(WEIGHTS, bytes))).code).toBe('altered');
      },
    );
    await fc.assert(anyByte, { numRuns: 40 });
  });

  it('is refused when any byte of the manifest is another, unless it says the same', async () => {
    const manifest = files.get(MANIFEST)!;
    const before = JSON.parse(new TextDecoder().decode(manifest));
    await fc.assert(
      fc.asyncProperty(fc.nat(manifest.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = manifest.slice();
        bytes[at]! ^= change;
        const altered = withFile(MANIFEST, bytes);
        let same = false;
        try {
          // Another kind of white space, or 1E-7 for 1e-7.
          same = JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))) === JSON.stringify(before);
        } catch {}
        if (same) (await loadRecognizer(sourceOf(altered))).dispose();
        else expect(['altered', 'truncated', 'bad-format', 'newer-version']).toContain((await refusal(altered)).code);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused with its reason when it is of a newer version, or of none', async () => {
    const manifest = JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
    const newer = await refusal(withText(MANIFEST, JSON.stringify({ ...manifest, version: 4 })));
    expect(newer).toMatchObject({
      code: 'newer-version',
      message: 'manifest.json: version expected at most 3, got 4; it was saved by a newer ser-kit: update this one',
    });
    expect((await refusal(withText(MANIFEST, JSON.stringify({ ...manifest, version: 0 })))).code).toBe('bad-format');
  });

  it.each([
    ['a text file', 'Dear diary'],
    ['nothing', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['an array', '[]'],
    ['other JSON', '{"format":"other"}'],
    ['a manifest of nothing', '{"format":"ser-kit-recognizer","version":1,"sha256":"00","recognizer":null}'],
  ])('is refused when its manifest is %s', async (_, text) => {
    expect(['bad-format', 'altered']).toContain((await refusal(withText(MANIFEST, text))).code);
  });

  const PROTOTYPES = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const hostile: [string, string, unknown][] = [
    ['names a file elsewhere', 'weightsFile.path', '../../etc/passwd'],
    ['names a file at the root', 'weightsFile.path', '/etc/passwd'],
    ['names a URL', 'weightsFile.path', 'http://example.org/weights.bin'],
    ['names a file by a backslash', 'weightsFile.path', 'a\\..\\weights.bin'],
    ['names a hidden file', 'weightsFile.path', '.ssh'],
    ['speaks of huge weights', 'model.weights.0.shape', [1e9, 1e9]],
    ['speaks of a huge file', 'weightsFile.bytes', 2 ** 50],
    ['asks for a layer of a billion filters', 'model.topology.config.layers.1.config.filters', 1e9],
    ['asks for a layer of a million filters', 'model.topology.config.layers.1.config.filters', 1e6],
    [
      'asks for a layer of a billion inputs',
      'model.topology.config.layers.0.config.batch_input_shape',
      [null, null, 1e9],
    ],
    ['asks for a layer that does not exist', 'model.topology.config.layers.1.class_name', 'Evil'],
    ['asks for a layer by the prototype', 'model.topology.config.layers.1.class_name', '__proto__'],
    ['asks for a layer by a constructor', 'model.topology.config.layers.1.class_name', 'constructor'],
    ['has no topology', 'model.topology', {}],
    ['has a topology of prototypes', 'model.topology', JSON.parse(PROTOTYPES)],
    ['has a layer of prototypes', 'model.topology.config.layers.1', JSON.parse(PROTOTYPES)],
    ['has a front end of prototypes', 'frontEnd', JSON.parse(PROTOTYPES)],
    ['has no labels', 'labels', []],
    ['has more labels than outputs', 'labels', ['high', 'low', 'noise', 'more']],
    ['has one label twice', 'labels', ['high', 'low', 'low']],
    [
      'standardizes other dims',
      'standardizer',
      { kind: 'standardizer', version: 1, scope: 'corpus', dims: 1, mean: [0], deviation: [1] },
    ],
    ['standardizes by 0', 'standardizer.deviation.0', 0],
    ['standardizes by null', 'standardizer.mean.0', null],
    ['has a front end of another width', 'frontEnd.features.0.options.nMels', 9],
    ['has a front end that does not exist', 'frontEnd.features.0.name', 'chroma'],
    ['has a front end of huge frames', 'frontEnd.features.0.options.nFft', 2 ** 52],
    ['has a front end of large frames', 'frontEnd.features.0.options.nFft', 2 ** 28],
    ['has a front end of a billion bands', 'frontEnd.features.0.options.nMels', 1e9],
    ['has a front end at a billion hertz', 'frontEnd.sampleRate', 1e9],
    ['has a front end of unknown options', 'frontEnd.features.0.options.evil', 1],
    ['has no provenance', 'provenance', undefined],
    ['has test speakers that are no texts', 'provenance.speakers.test', [1]],
  ];

  it('is loaded whatever large numbers its front end has that are no sizes', async () => {
    for (const option of ['ref', 'amin']) {
      (await loadRecognizer(sourceOf(await forged(`frontEnd.features.0.options.${option}`, 1e5)))).dispose();
    }
  });

  it.each(hostile)('is refused when its manifest, rightly signed, %s', async (_, path, value) => {
    const began = Date.now();
    const { code } = await refusal(await forged(path, value));
    expect(['bad-format', 'altered', 'truncated']).toContain(code);
    expect(Date.now() - began).toBeLessThan(5000);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('loads over http from the URL of its folder, and says what the server said where it does not', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const { pathname } = new URL(request.url!, 'http://host');
      const bytes = pathname.startsWith('/runs/a/') ? files.get(pathname.slice('/runs/a/'.length)) : undefined;
      if (bytes === undefined) response.writeHead(404).end('no such file');
      else response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const path of ['/runs/a', '/runs/a/', '/runs/a?key=1']) {
        const loaded = await loadRecognizer(new URL(path, at));
        expect(await loaded.predict(sound('low', 6))).toEqual(await recognizer.predict(sound('low', 6)));
      }
      expect(asked.slice(-2)).toEqual(['/runs/a/manifest.json?key=1', '/runs/a/weights.bin?key=1']);
      await expect(loadRecognizer(new URL('/runs/b', at))).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringMatching(/manifest\.json .* got: HTTP status 404/),
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    await expect(loadRecognizer(new URL('/runs/a', at))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/no answer from http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED/),
    });
  });
});
