// How numbers lie in files, and how they are read and written without regard to the machine's own order of bytes.

/** The number at a byte of the view. */
type Read = (view: DataView, at: number, little: boolean) => number;

export interface NumberFormat {
  readonly bytes: number;
  readonly read: Read;
  /** True where float32 does not hold every value. */
  readonly wide: boolean;
}

/** By safetensors' names. */
export const NUMBER_FORMATS = {
  F64: { bytes: 8, wide: true, read: (view, at, little) => view.getFloat64(at, little) },
  F32: { bytes: 4, wide: false, read: (view, at, little) => view.getFloat32(at, little) },
  F16: { bytes: 2, wide: false, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  BF16: { bytes: 2, wide: false, read: readBrainFloat },
  I64: { bytes: 8, wide: true, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
} as const satisfies Record<string, NumberFormat>;

export type NumberFormatName = keyof typeof NUMBER_FORMATS;

const scratch = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function readBrainFloat(view: DataView, at: number, little: boolean): number {
  scratch.setUint32(0, view.getUint16(at, little) << 16);
  return scratch.getFloat32(0);
}

/** The value of a half-precision float's 16 bits (IEEE 754 binary16). */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest half-precision float of a float32, ties to even; an infinity from 65,520 on. */
export function numberToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const size = Math.abs(Math.fround(value));
  if (Number.isNaN(size)) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Steps of 2^-24 below 2^-14, and of a 1024th of the power of two below the number from there on.
  const exponent = size < 2 ** -14 ? -14 : ((bits >>> 23) & 255) - 127;
  const steps = roundHalfEven(size * 2 ** (10 - exponent));
  return sign | (exponent === -14 && steps < 1024 ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** `count` little-endian float32 numbers, wherever they begin. */
export function readFloats(bytes: Uint8Array, from: number, count: number): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, 4 * count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

/** Writes them there, little-endian. */
export function writeFloats(bytes: Uint8Array, from: number, values: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, 4 * values.length);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
}
