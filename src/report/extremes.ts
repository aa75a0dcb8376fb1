/** The samples cut into so many even pieces, at most one a sample: each piece's least and greatest sample. */
export function extremes(samples: Float32Array, pieces: number): (readonly [least: number, most: number])[] {
  return Array.from({ length: pieces }, (_, piece) => {
    const from = Math.floor((piece * samples.length) / pieces);
    const to = Math.max(from + 1, Math.floor(((piece + 1) * samples.length) / pieces));
    let [least, most] = [samples[from]!, samples[from]!];
    for (let n = from; n < to; n++) {
      least = Math.min(least, samples[n]!);
      most = Math.max(most, samples[n]!);
    }
    return [least, most] as const;
  });
}
