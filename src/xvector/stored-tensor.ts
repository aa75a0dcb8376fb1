/** A tensor in a file, whose numbers are read when they are asked for. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Its numbers, row-major; float64 where the file has float64 or integers. */
  read(): Float32Array | Float64Array;
}
