import type { FeatureMatrix, FeatureStream } from '../core/feature-matrix.ts';
import { DeltaStream } from './delta-stream.ts';
import { RowQueue } from './row-queue.ts';

/** A part of a recipe: a stream of frames and the orders of deltas that follow it. */
interface Column {
  readonly dims: number;
  readonly queue: RowQueue;
}

/** Several streams of one signal, their deltas beside them, side by side as stack() puts whole matrices. */
export class RecipeStream implements FeatureStream {
  readonly #parts: readonly {
    readonly stream: FeatureStream;
    readonly column: Column;
    readonly deltas: readonly { readonly stream: DeltaStream; readonly column: Column }[];
  }[];
  readonly #columns: readonly Column[];
  readonly #dims: number;
  readonly #names: readonly string[];

  constructor(
    parts: readonly { readonly stream: FeatureStream; readonly dims: number; readonly deltas: readonly (1 | 2)[] }[],
    names: readonly string[],
  ) {
    const column = (dims: number): Column => ({ dims, queue: new RowQueue(dims) });
    this.#parts = parts.map(({ stream, dims, deltas }) => ({
      stream,
      column: column(dims),
      deltas: deltas.map((order) => ({ stream: new DeltaStream(dims, order), column: column(dims) })),
    }));
    this.#columns = this.#parts.flatMap((part) => [part.column, ...part.deltas.map((delta) => delta.column)]);
    this.#dims = this.#columns.reduce((sum, { dims }) => sum + dims, 0);
    this.#names = names;
  }

  push(block: Float32Array<ArrayBuffer>): FeatureMatrix {
    for (const { stream, column, deltas } of this.#parts) {
      const matrix = stream.push(block);
      column.queue.push(matrix);
      for (const delta of deltas) delta.column.queue.push(delta.stream.push(matrix));
    }
    return this.#ready();
  }

  flush(): FeatureMatrix {
    for (const { stream, column, deltas } of this.#parts) {
      const matrix = stream.flush();
      column.queue.push(matrix);
      for (const delta of deltas) {
        delta.column.queue.push(delta.stream.push(matrix));
        delta.column.queue.push(delta.stream.flush());
      }
    }
    const last = this.#ready();
    for (const { queue } of this.#columns) queue.clear();
    return last;
  }

  /** The frames that every column has by now. */
  #ready(): FeatureMatrix {
    const frames = Math.min(...this.#columns.map(({ queue }) => queue.frames));
    const data = new Float32Array(frames * this.#dims);
    let at = 0;
    for (const { dims, queue } of this.#columns) {
      queue.shift(frames, data, at, this.#dims);
      at += dims;
    }
    return { data, frames, dims: this.#dims, names: this.#names };
  }
}
