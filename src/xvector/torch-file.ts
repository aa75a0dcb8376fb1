import { quote, SerKitError } from '../core/errors.ts';
import { NUMBER_FORMATS, type NumberFormat, type NumberFormatName } from './number-formats.ts';
import { type PickleGlobal, PickleTuple, quoted, readPickle } from './pickle.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { readStoredZip } from './zip.ts';

/** The names of a storage's type in a pickle. */
const STORAGES: Readonly<Record<string, NumberFormatName>> = {
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
};

const MOST_DIMS = 8;
/** More than any state dict's structure takes; the numbers lie elsewhere. */
const LONGEST_PICKLE = 2 ** 22;
/** How many numbers more than its storages hold a file may unfold to, where tensors share a storage. */
const SHARED_ALLOWANCE = 2 ** 20;

/** Numbers in a file, of which tensors are views. */
class Storage {
  readonly view: DataView;
  readonly format: NumberFormat;
  readonly length: number;
  readonly little: boolean;

  constructor(bytes: Uint8Array, format: NumberFormat, length: number, little: boolean) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.format = format;
    this.length = length;
    this.little = little;
  }
}

class TorchTensor implements StoredTensor {
  readonly shape: readonly number[];
  readonly storage: Storage;
  readonly #offset: number;
  readonly #strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.shape = shape;
    this.#offset = offset;
    this.#strides = strides;
  }

  get length(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  read(): Float32Array | Float64Array {
    const { view, format, little } = this.storage;
    const values = format.wide ? new Float64Array(this.length) : new Float32Array(this.length);
    const index = this.shape.map(() => 0);
    let at = this.#offset;
    for (let i = 0; i < values.length; i++) {
      values[i] = format.read(view, at * format.bytes, little);
      // On to the next place, the last dimension first, as an odometer.
      for (let d = index.length - 1; d >= 0; d--) {
        at += this.#strides[d]!;
        if (++index[d]! < this.shape[d]!) break;
        at -= this.#strides[d]! * this.shape[d]!;
        index[d] = 0;
      }
    }
    return values;
  }
}

/**
 * The tensors of a state dict that `torch.save()` wrote into a zip, by name; on whatever device they were. Offsets, sizes and strides
 * are honoured: transposed and sliced tensors are what they were.
 *
 * @throws SerKitError as readStoredZip() and readPickle(), and 'bad-format' for storages and tensors that do not fit
 */
export function readTorchFile(who: string, bytes: Uint8Array): Map<string, StoredTensor> {
  const files = readStoredZip(who, bytes);
  const { root, pickle } = pickleOf(who, files);
  const order = textOf(files.get(`${root}byteorder`) ?? new Uint8Array()).trim();
  if (order !== '' && order !== 'little' && order !== 'big') {
    throw new SerKitError('bad-format', `${who}: byteorder expected little | big, got ${quote(order)}`);
  }
  const storages = new Map<string, Storage>();
  const dict = readPickle(who, pickle, {
    globals: globals(who),
    persistent: (id) => storageOf(who, id, storages, (key) => files.get(`${root}data/${key}`), order !== 'big'),
  });
  if (!(dict instanceof Map)) {
    throw new SerKitError('bad-format', `${who}: expected a state dict, got ${quoted(dict)}`);
  }
  const held = [...storages.values()].reduce((sum, { length }) => sum + length, 0);
  let unfolded = 0;
  for (const [name, tensor] of dict as Map<string, unknown>) {
    if (!(tensor instanceof TorchTensor)) {
      const nested = tensor instanceof Map ? `; save the state dict within ${quote(name)} alone` : '';
      throw new SerKitError('bad-format', `${who}: ${quote(name)} expected a tensor, got ${quoted(tensor)}${nested}`);
    }
    unfolded += tensor.length;
  }
  if (unfolded > held + SHARED_ALLOWANCE) {
    throw new SerKitError(
      'bad-format',
      `${who}: tensors expected as many numbers as the file holds, ${held}, got ${unfolded}: they share storages`,
    );
  }
  return dict as Map<string, TorchTensor>;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 64));

/** data.pkl and the folder it lies in: `archive/`, or the name of the file when it was saved. */
function pickleOf(
  who: string,
  files: ReadonlyMap<string, Uint8Array>,
): { readonly root: string; readonly pickle: Uint8Array } {
  const names = [...files.keys()].filter((name) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    const found = [...files.keys()].slice(0, 4).map((each) => quote(each));
    throw new SerKitError(
      'bad-format',
      `${who}: expected a zip that torch.save() wrote, with one data.pkl, got ${names.length} of them in ${files.size} files${found.length > 0 ? `: ${found.join(', ')}` : ''}`,
    );
  }
  const root = name.slice(0, -'data.pkl'.length);
  if (files.has(`${root}constants.pkl`)) {
    throw new SerKitError(
      'unsupported',
      `${who}: expected a state dict, got a TorchScript archive, which is a program; in Python: torch.save(torch.jit.load(FILE).state_dict(), OUT)`,
    );
  }
  const pickle = files.get(name)!;
  if (pickle.length > LONGEST_PICKLE) {
    throw new SerKitError(
      'bad-format',
      `${who}: data.pkl expected at most ${LONGEST_PICKLE} bytes, got ${pickle.length}`,
    );
  }
  return { root, pickle };
}

function globals(who: string): PickleGlobal[] {
  return [
    {
      name: 'collections.OrderedDict',
      call: (args) => {
        if (args.length === 0) return new Map();
        throw new SerKitError('bad-format', `${who}: OrderedDict expected no arguments, got ${args.length}`);
      },
    },
    { name: 'torch._utils._rebuild_tensor_v2', call: (args) => tensorOf(who, args) },
    {
      name: 'torch._utils._rebuild_parameter',
      call: ([tensor]) => {
        if (tensor instanceof TorchTensor) return tensor;
        throw new SerKitError('bad-format', `${who}: _rebuild_parameter expected a tensor, got ${quoted(tensor)}`);
      },
    },
    ...Object.keys(STORAGES).map((name) => ({ name })),
  ];
}

/** ('storage', its type, the name of its file, a device, how many numbers). */
function storageOf(
  who: string,
  id: unknown,
  known: Map<string, Storage>,
  file: (key: string) => Uint8Array | undefined,
  little: boolean,
): Storage {
  const [word, type, key, location, length] = id instanceof PickleTuple ? id.items : [];
  const name = (type as PickleGlobal | null | undefined)?.name;
  const format =
    typeof name === 'string' && Object.hasOwn(STORAGES, name) ? NUMBER_FORMATS[STORAGES[name]!] : undefined;
  if (
    word !== 'storage' ||
    format === undefined ||
    typeof key !== 'string' ||
    typeof location !== 'string' ||
    !isCount(length)
  ) {
    throw new SerKitError(
      'bad-format',
      `${who}: storage expected ("storage", its type, a name, a device, a count), got ${quote(id instanceof PickleTuple ? id.items : id)}`,
    );
  }
  const bytes = file(key);
  if (bytes === undefined) throw new SerKitError('bad-format', `${who}: expected a file data/${key}, got none`);
  if (bytes.length !== length * format.bytes) {
    throw new SerKitError(
      'bad-format',
      `${who}: data/${key} expected ${length * format.bytes} bytes, got ${bytes.length}`,
    );
  }
  const before = known.get(key);
  if (before !== undefined && before.format !== format) {
    throw new SerKitError('bad-format', `${who}: data/${key} expected one type, got two`);
  }
  if (before !== undefined) return before;
  const storage = new Storage(bytes, format, length, little);
  known.set(key, storage);
  return storage;
}

/** (storage, offset, size, stride, ...): what follows says nothing about the numbers. */
function tensorOf(who: string, [storage, offset, size, stride]: readonly unknown[]): TorchTensor {
  const shape = size instanceof PickleTuple ? size.items : [];
  const strides = stride instanceof PickleTuple ? stride.items : [];
  if (
    !(storage instanceof Storage) ||
    !isCount(offset) ||
    !(size instanceof PickleTuple) ||
    !(stride instanceof PickleTuple) ||
    shape.length !== strides.length ||
    shape.length > MOST_DIMS ||
    !shape.every(isCount) ||
    !strides.every(isCount)
  ) {
    throw new SerKitError(
      'bad-format',
      `${who}: tensor expected a storage, an offset, and sizes and strides of at most ${MOST_DIMS} dimensions, got ${quoted(storage)}, ${quoted(offset)}, ${quote(shape)} and ${quote(strides)}`,
    );
  }
  const sizes = shape as readonly number[];
  const steps = strides as readonly number[];
  const count = sizes.reduce((product, each) => product * each, 1);
  const last = count === 0 ? 0 : offset + sizes.reduce((sum, each, d) => sum + (each - 1) * steps[d]!, 0) + 1;
  // A stride of 0 would repeat a number as often as it likes.
  if (!(last <= storage.length && count <= storage.length)) {
    throw new SerKitError(
      'bad-format',
      `${who}: tensor of shape ${quote(sizes)}, strides ${quote(steps)} and offset ${offset} expected within its storage of ${storage.length} numbers, got ${count} of them up to number ${last}`,
    );
  }
  return new TorchTensor(storage, offset, sizes, steps);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
