import { quote, SerKitError } from '../core/errors.ts';

/** A vector (one row) or matrix that lies in a file; its numbers are read when they are asked for. */
export interface KaldiArray {
  readonly rows: number;
  readonly cols: number;
  /** Row-major, in the precision of the file. */
  read(): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
}

/** No token of Kaldi's is longer: names of nodes and types. */
const LONGEST_TOKEN = 200;

const isSpace = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

/**
 * Kaldi's binary input (src/base/io-funcs, matrix/kaldi-vector.cc, kaldi-matrix.cc), little-endian: tokens that end with a white
 * space, numbers with their size before them, bare T and F. What a file says of its lengths is held against its bytes before
 * memory is asked for; arrays stay in the file until they are read.
 *
 * @throws SerKitError 'truncated', 'bad-format', 'unsupported' naming what was expected and where
 */
export class KaldiReader {
  readonly #who: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(who: string, bytes: Uint8Array, at: number) {
    this.#who = who;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** The next word, without the white space around it. */
  token(what: string): string {
    this.#skipSpace();
    const from = this.#at;
    while (this.#at < this.#bytes.length && !isSpace(this.#bytes[this.#at])) {
      if (++this.#at - from > LONGEST_TOKEN) this.#refuse(what, 'a token', this.#text(from, 20), from);
    }
    const text = this.#text(from, this.#at - from);
    if (this.#at === this.#bytes.length) this.#end(what, 'a token and a space');
    this.#at++;
    return text;
  }

  expect(token: string): void {
    const from = this.#at;
    const got = this.token(token);
    if (got !== token) this.#refuse('the next token', token, got.slice(0, 40), from);
  }

  /** Text up to the next line feed. */
  line(what: string, longest: number): string {
    const from = this.#at;
    const until = this.#bytes.subarray(from, from + longest + 1).indexOf(10);
    if (until < 0) {
      if (this.#bytes.length - from <= longest) this.#end(what, 'a line');
      this.#refuse(what, `a line of at most ${longest} characters`, 'a longer one', from);
    }
    this.#at = from + until + 1;
    return this.#text(from, until).replace(/\r$/, '');
  }

  integer(what: string): number {
    const size = this.#size(what, [4]);
    this.#at += size;
    return this.#view.getInt32(this.#at - size, true);
  }

  number(what: string): number {
    const size = this.#size(what, [4, 8]);
    this.#at += size;
    return size === 4 ? this.#view.getFloat32(this.#at - 4, true) : this.#view.getFloat64(this.#at - 8, true);
  }

  boolean(what: string): boolean {
    this.#need(what, 'T or F', 1);
    const letter = this.#text(this.#at, 1);
    if (letter !== 'T' && letter !== 'F') this.#refuse(what, 'T or F', letter, this.#at);
    this.#at++;
    return letter === 'T';
  }

  /** A list of int32. */
  integers(what: string): number[] {
    const size = this.#size(what, [4]);
    const length = this.#count(`${what}: length`);
    this.#need(what, `${length} integers`, length * size);
    const list = Array.from({ length }, (_, i) => this.#view.getInt32(this.#at + i * size, true));
    this.#at += length * size;
    return list;
  }

  vector(what: string): KaldiArray {
    const size = this.#precision(what, 'V', 'vector');
    return this.#array(what, 1, this.#int32(`${what}: length`), size);
  }

  matrix(what: string): KaldiArray {
    const size = this.#precision(what, 'M', 'matrix');
    const rows = this.#int32(`${what}: rows`);
    return this.#array(what, rows, this.#int32(`${what}: columns`), size);
  }

  /** That nothing follows. */
  finish(): void {
    this.#skipSpace();
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.#refuse('the network', 'to end with </Nnet3>', `${left} bytes more`, this.#at);
  }

  #array(what: string, rows: number, cols: number, size: number): KaldiArray {
    const from = this.#at;
    const count = rows * cols;
    this.#need(what, `${rows} x ${cols} numbers of ${size} bytes`, count * size);
    this.#at += count * size;
    return {
      rows,
      cols,
      read: () => {
        const list = size === 4 ? new Float32Array(count) : new Float64Array(count);
        for (let i = 0, at = from; i < count; i++, at += size) {
          list[i] = size === 4 ? this.#view.getFloat32(at, true) : this.#view.getFloat64(at, true);
        }
        return list;
      },
    };
  }

  /** Bytes a number, from the token FV, DV, FM or DM. */
  #precision(what: string, letter: 'V' | 'M', kind: string): number {
    const from = this.#at;
    const token = this.token(what);
    if (token === `F${letter}`) return 4;
    if (token === `D${letter}`) return 8;
    if (/^(CM[23]?|SM|SV)$/.test(token)) {
      throw new SerKitError(
        'unsupported',
        `${this.#who}: ${what} expected a full ${kind} (F${letter} or D${letter}), got ${quote(token)}, a ${token.startsWith('C') ? 'compressed' : 'sparse'} one`,
      );
    }
    return this.#refuse(what, `a ${kind} (F${letter} or D${letter})`, token.slice(0, 40), from);
  }

  #int32(what: string): number {
    const from = this.#at;
    const value = this.integer(what);
    if (value < 0) this.#refuse(what, '>= 0', value, from);
    return value;
  }

  /** A length that has no size byte of its own: in lists of integers. */
  #count(what: string): number {
    this.#need(what, 'a length', 4);
    this.#at += 4;
    const value = this.#view.getInt32(this.#at - 4, true);
    if (value < 0) this.#refuse(what, '>= 0', value, this.#at - 4);
    return value;
  }

  #size(what: string, sizes: readonly number[]): number {
    this.#need(what, 'a number', 1);
    const size = this.#bytes[this.#at]!;
    if (!sizes.includes(size)) this.#refuse(`${what}: bytes a number`, sizes.join(' or '), size, this.#at);
    this.#at++;
    this.#need(what, `a number of ${size} bytes`, size);
    return size;
  }

  #skipSpace(): void {
    while (isSpace(this.#bytes[this.#at])) this.#at++;
  }

  #text(from: number, length: number): string {
    let text = '';
    for (let i = from; i < Math.min(from + length, this.#bytes.length); i++) {
      text += String.fromCharCode(this.#bytes[i]!);
    }
    return text;
  }

  #need(what: string, expected: string, bytes: number): void {
    if (this.#bytes.length - this.#at < bytes) this.#end(what, expected);
  }

  #end(what: string, expected: string): never {
    throw new SerKitError(
      'truncated',
      `${this.#who}: ${what} expected ${expected}, got the end of the file after ${this.#bytes.length} bytes`,
    );
  }

  #refuse(what: string, expected: string, got: unknown, at: number): never {
    throw new SerKitError('bad-format', `${this.#who}: ${what} expected ${expected}, got ${quote(got)} at byte ${at}`);
  }
}
