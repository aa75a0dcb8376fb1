import { fixture } from './fixtures.ts';
import { bytesOf, type HostileFile, little } from './hostile-support.ts';

/** Hostile and broken files of Kaldi's: one of its models, with bytes changed. */
export function hostileKaldiFiles(): HostileFile[] {
  const valid = fixture('kaldi-narrow6.raw');
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({
    name: `kaldi: ${name}`,
    bytes,
    says,
  });
  const matrix = find(valid, 'M \x04') - 1;
  const changed = (at: number, part: string | number | readonly number[]): Uint8Array => {
    const bytes = valid.slice();
    bytes.set(bytesOf(part), at);
    return bytes;
  };
  return [
    ...[2, 9, 200, matrix + 5, matrix + 100, valid.length - 3].map((length) =>
      file(`ends after ${length} bytes`, valid.subarray(0, length), /expected/),
    ),
    file('a compressed matrix', changed(matrix, 'CM '), /expected/),
    file('a matrix that is a vector', changed(matrix, 'DV '), /expected/),
    file('a matrix of -1 rows', changed(matrix + 4, little(0xffffffff, 4)), /expected/),
    file('a matrix of 2^31 - 1 rows', changed(matrix + 4, little(0x7fffffff, 4)), /expected/),
    file('a matrix of 2^31 - 1 columns', changed(matrix + 9, little(0x7fffffff, 4)), /expected/),
    file('a size of another size', changed(matrix + 3, 8), /expected/),
    file('another word at the beginning', changed(2, '<Nnet9>'), /expected/),
    file('no end', valid.subarray(0, find(valid, '</Nnet3>')), /expected/),
  ];
}

function find(bytes: Uint8Array, text: string): number {
  const at = new TextDecoder('latin1').decode(bytes).indexOf(text);
  if (at < 0) throw new Error(`no ${text} in the fixture`);
  return at;
}
