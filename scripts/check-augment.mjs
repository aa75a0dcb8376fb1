// Holds what the augmentations promise about pitch and formants, against librosa.pyin and Praat, on recordings of CREMA-D.
// By hand:
//
//   npm run build
//   PYTHON=.../bin/python SER_KIT_CORPORA=<folder that holds cremad/AudioWAV> node scripts/check-augment.mjs [CLIPS [pitch | formants]]
//
// Python needs librosa 0.11 and praat-parselmouth 0.4. CLIPS (50) clips count: the first with at least 20 voiced frames
// in a seeded shuffling of all names. A case of pitch holds where, on 95 % of the clips, the median over frames of the same
// moments, both voiced, of F0 after over F0 before is within 1 % of the ratio that was asked for. Where formants are kept,
// those of vowels are compared, in nine times as many clips. Beside ours stand Praat's own PSOLA and the floor: what the
// measure says of a synthetic vowel with the same formants that is made anew at the other F0. `pitch` or `formants`: that half.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as augment from '../dist/augment.js';
import { createRandom, decodeWav } from '../dist/index.js';

const stretched = (method, rate) => ({
  name: `timeStretch ${method} ${rate}`,
  make: () => augment.timeStretch({ rate, method }),
  rate,
  ratio: 1,
  kept: false,
});
const shifted = (formants, semitones) => ({
  name: `pitchShift ${formants} ${semitones}`,
  make: () => augment.pitchShift({ semitones, formants }),
  rate: 1,
  ratio: 2 ** (semitones / 12),
  kept: formants === 'keep',
});

/** What is done, and what it should do: `rate` times the pace, `ratio` times the pitch; formants kept or not. */
const CASES = [
  ...['wsola', 'phaseVocoder'].flatMap((method) => [0.8, 1.25].map((rate) => stretched(method, rate))),
  ...['move', 'keep'].flatMap((formants) => [-4, -2, 2, 4].map((semitones) => shifted(formants, semitones))),
];

const WANTED = Number(process.argv[2] ?? 50);
/** Some clips have fewer than 20 voiced frames; and vowels are taken from more clips, as few are low and settled. */
const MORE = 1.1;
const FOR_VOWELS = 9;
/** Both halves, or the one that is named. */
const HALF = process.argv[3];
if (HALF !== undefined && HALF !== 'pitch' && HALF !== 'formants')
  throw new Error(`expected pitch or formants, got ${HALF}`);

const { PYTHON = 'python3', SER_KIT_CORPORA } = process.env;
if (!SER_KIT_CORPORA) throw new Error('SER_KIT_CORPORA expected a folder that holds cremad/AudioWAV');

const folder = join(SER_KIT_CORPORA, 'cremad', 'AudioWAV');
const script = fileURLToPath(new URL('check-augment.py', import.meta.url));
const chosen = spawnSync(
  PYTHON,
  [script, 'choose', folder, String(Math.round((HALF === 'pitch' ? MORE : FOR_VOWELS) * WANTED))],
  { encoding: 'utf8' },
);
if (chosen.status !== 0) throw new Error(chosen.stderr);

const work = mkdtempSync(join(tmpdir(), 'check-augment-'));
try {
  /** Raw float32 files, so that nothing is rounded or clipped. */
  const write = (path, samples) => {
    writeFileSync(path, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    return path;
  };
  const jobs = JSON.parse(chosen.stdout).map((clip, i) => {
    const vowelsOnly = HALF === 'formants' || i >= MORE * WANTED;
    const waveform = decodeWav(readFileSync(join(folder, clip)));
    const at = join(work, String(i));
    mkdirSync(at);
    return {
      clip,
      vowelsOnly,
      pitchOnly: HALF === 'pitch',
      sampleRate: waveform.sampleRate,
      before: write(join(at, 'before.f32'), waveform.samples),
      cases: CASES.filter(({ kept }) => kept || !vowelsOnly).map(({ make, ...asked }, k) => {
        const after = make()(waveform, createRandom(i)).samples;
        return { ...asked, after: write(join(at, `${k}.f32`), after) };
      }),
    };
  });
  const list = join(work, 'jobs.json');
  writeFileSync(list, JSON.stringify({ wanted: WANTED, half: HALF, jobs }));
  const { status } = spawnSync(PYTHON, [script, 'measure', list], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true });
}
