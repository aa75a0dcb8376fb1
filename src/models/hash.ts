// A fast fingerprint of numbers, against mistakes and damage, not against malice: two streams of MurmurHash3's steps
// (Appleby, public domain) over 32-bit words. Web Crypto is asynchronous, and pages over plain http have none.

/** Takes in numbers and bytes, one after another; `digest()` is 16 hexadecimal digits of all of them. */
export class Hash {
  private a = 0x9747b28c | 0;
  private b = 0x3c6ef372;
  private words = 0;

  /** A 32-bit word. */
  word(value: number): this {
    return this.mixIn(Int32Array.of(value), 1);
  }

  /** Bytes, in words of four (little-endian, the last one filled up with zeros), then their count. */
  bytes(bytes: Uint8Array): this {
    const whole = bytes.length >>> 2;
    // Not slice(): that of Node's Buffer copies nothing, and stays where it was.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    let rest = 0;
    for (let i = bytes.length - 1; i >= whole * 4; i--) rest = (rest << 8) | bytes[i]!;
    return this.mixIn(new Int32Array(aligned.buffer, aligned.byteOffset, whole), whole)
      .word(rest)
      .word(bytes.length);
  }

  values(values: Float32Array): this {
    return this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  digest(): string {
    const a = mix(this.a ^ this.words);
    const b = mix(this.b ^ a);
    return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private mixIn(words: Int32Array, count: number): this {
    // In variables of the function: a corpus's features are 75 million words.
    let { a, b } = this;
    for (let i = 0; i < count; i++) {
      const word = words[i]!;
      let k = Math.imul(word, 0xcc9e2d51);
      a ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
      a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
      k = Math.imul(word, 0x239b961b);
      b ^= Math.imul((k << 17) | (k >>> 15), 0xab0e9789);
      b = (Math.imul((b << 11) | (b >>> 21), 5) + 0x561ccd1b + a) | 0;
    }
    this.a = a;
    this.b = b;
    this.words += count;
    return this;
  }
}

function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
