/**
 * What of a signal the harmonics 1 to `count` of f0 explain by least squares, over the rest, in dB: on its middle part.
 */
export function harmonicsToNoiseDb(x: Float32Array, f0: number, count: number, sampleRate: number): number {
  const from = Math.floor(0.3 * x.length);
  const to = Math.floor(0.7 * x.length);
  const size = 2 * count;
  const columns = Array.from({ length: size }, (_, k) => {
    const turn = (2 * Math.PI * f0 * ((k >> 1) + 1)) / sampleRate;
    return Float64Array.from({ length: to - from }, (_, i) =>
      k % 2 === 0 ? Math.cos(turn * (from + i)) : Math.sin(turn * (from + i)),
    );
  });
  // Gram-Schmidt leaves the part that no harmonic explains.
  const rest = Float64Array.from(x.subarray(from, to));
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
    return sum;
  };
  const take = (a: Float64Array, part: number, b: Float64Array): void => {
    for (let i = 0; i < a.length; i++) a[i]! -= part * b[i]!;
  };
  const all = dot(rest, rest);
  for (let k = 0; k < size; k++) {
    const column = columns[k]!;
    for (let j = 0; j < k; j++) take(column, dot(column, columns[j]!), columns[j]!);
    const norm = Math.sqrt(dot(column, column));
    for (let i = 0; i < column.length; i++) column[i]! /= norm;
    take(rest, dot(rest, column), column);
  }
  const noise = dot(rest, rest);
  return 10 * Math.log10((all - noise) / noise);
}
