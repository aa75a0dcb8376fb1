// Writes src/xvector/compact/bytes.ts from what `ser-kit xvector train` made of CREMA-D (see docs/xvector-compact.md):
//   node scripts/make-compact-xvector.mjs compact.xvector verification.json [int8|float16]
// where verification.json is what `ser-kit xvector evaluate twin.xvector DIR --json` says of the twin, on the actors that it never heard.
// Needs `npm run build`.
import { readFile, writeFile } from 'node:fs/promises';
import { encodeXvector, parseXvector } from '../dist/features/xvector.js';

const [, , from, verification, values = 'int8'] = process.argv;
if (from === undefined || verification === undefined) {
  console.error('usage: node scripts/make-compact-xvector.mjs compact.xvector verification.json [int8|float16]');
  process.exit(2);
}
const weights = parseXvector(new Uint8Array(await readFile(from)));
const measured = JSON.parse(await readFile(verification, 'utf8'));
const card = {
  name: 'ser-kit compact x-vector',
  ...weights.card,
  licence: 'trained on CREMA-D (Cao et al. 2014), ODbL 1.0',
  verification: { ...measured, of: 'its twin, trained in the same way without the actors that it was measured on' },
  limits:
    'One studio, acted American English, 12 sentences, 71 actors: other rooms, microphones, languages and telephone lines were not measured. ' +
    'Not for telling who somebody is, nor for security.',
};
// As trainXvector() has it; what an older ser-kit trained says 1.
const seen = weights.frameLayers.reduce((sum, { offsets }) => sum + offsets.at(-1) - offsets[0], 1);
const bytes = encodeXvector({ ...weights, leastFrames: Math.max(weights.leastFrames, seen), card }, { values });
const text = `// Written by scripts/make-compact-xvector.mjs: ${values}, ${bytes.length} bytes.\nexport const BASE64 =\n  '${Buffer.from(bytes).toString('base64')}';\n`;
await writeFile(new URL('../src/xvector/compact/bytes.ts', import.meta.url), text);
console.log(`${bytes.length} bytes as ${values}, ${text.length} in src/xvector/compact/bytes.ts`);
