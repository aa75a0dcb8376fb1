/** The smallest of 2^a and 5 * 2^a from `least` on (and from 4): sizes for which the transform is quickest. */
export function fastSize(least: number): number {
  let size = 4;
  while (size < least) size *= 2;
  return (5 * size) / 8 >= least && size >= 16 ? (5 * size) / 8 : size;
}
