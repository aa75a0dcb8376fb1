/** What audiomentations calls those that have another name here, in lower case. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  addgaussiansnr: 'addNoise',
  addgaussiannoise: 'addNoise',
  addcolornoise: 'addNoise',
  addbackgroundnoise: 'addBackground',
  clippingdistortion: 'clip',
  applyimpulseresponse: 'reverb',
  roomsimulator: 'reverb',
  bandpassfilter: 'telephone',
  lowpassfilter: 'lowPass',
  highpassfilter: 'highPass',
  timemask: 'maskTime',
  specfrequencymask: 'maskFrequency',
  padding: 'pad',
};

/** The name that was probably meant: in other letters, with up to two slips, or audiomentations' own. */
export function meantName(name: unknown, names: readonly string[]): string | undefined {
  if (typeof name !== 'string' || name.length > 40) return undefined;
  const lower = name.toLowerCase();
  const ranked = names
    .map((each) => ({ each, slips: slips(lower, each.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  if (best?.slips === 0) return best.each;
  if (Object.hasOwn(ELSEWHERE, lower)) return ELSEWHERE[lower];
  // Of a short name, two slips leave nothing.
  return best !== undefined && best.slips <= Math.min(2, lower.length / 2) ? best.each : undefined;
}

/** Letters to put in, take out or replace (Levenshtein's distance). */
function slips(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
