import { crc32 } from '../../src/xvector/crc32.ts';

// Parts that hostile files are made of: zips, pickles and checkpoints, of which every part can be made to lie.

/** A file that has to be refused, and how. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the message has to say, of what was expected or found. */
  readonly says: RegExp;
}

const encoder = new TextEncoder();

export function bytesOf(...parts: readonly (string | number | Uint8Array | readonly number[])[]): Uint8Array {
  return concat(
    parts.map((part) => (typeof part === 'number' ? [part] : typeof part === 'string' ? encoder.encode(part) : part)),
  );
}

/** Little-endian, of so many bytes. */
export function little(value: number | bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
}

export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the directory says, where it is not so. */
  readonly method?: number;
  readonly flags?: number;
  readonly packed?: number;
  readonly whole?: number;
  readonly header?: number;
  readonly crc?: number;
  readonly extra?: readonly number[];
}

export interface ZipLies {
  readonly count?: number;
  readonly size?: number;
  readonly from?: number;
  readonly disk?: number;
  /** zip64's end record and locator, and what they say. */
  readonly zip64?: { readonly count?: bigint; readonly size?: bigint; readonly from?: bigint; readonly at?: bigint };
}

/** A zip of stored members. */
export function zipOf(members: readonly ZipMember[], lies: ZipLies = {}): Uint8Array {
  const local: number[] = [];
  const central: number[] = [];
  for (const member of members) {
    const { name, bytes, method = 0, flags = 0, packed = bytes.length, whole = bytes.length, extra = [] } = member;
    const { crc = crc32(bytes), header = local.length } = member;
    const text = [...encoder.encode(name)];
    local.push(...little(0x04034b50, 4), ...little(20, 2), ...little(flags | 8, 2), ...little(method, 2));
    // Without sizes, as torch.save() writes them.
    local.push(...new Array<number>(16).fill(0), ...little(text.length, 2), 0, 0, ...text);
    for (const byte of bytes) local.push(byte);
    central.push(...little(0x02014b50, 4), ...little(20, 2), ...little(20, 2), ...little(flags | 8, 2));
    central.push(...little(method, 2), 0, 0, 0, 0, ...little(crc, 4), ...little(packed, 4), ...little(whole, 4));
    central.push(...little(text.length, 2), ...little(extra.length, 2), ...new Array<number>(10).fill(0));
    central.push(...little(header, 4), ...text, ...extra);
  }
  const { count = members.length, size = central.length, from = local.length, disk = 0, zip64 } = lies;
  const end64: number[] = [];
  if (zip64 !== undefined) {
    const at = local.length + central.length;
    end64.push(...little(0x06064b50, 4), ...little(44, 8), ...little(45, 2), ...little(45, 2), ...little(0, 8));
    const entries = zip64.count ?? BigInt(members.length);
    end64.push(...little(entries, 8), ...little(entries, 8), ...little(zip64.size ?? BigInt(central.length), 8));
    end64.push(...little(zip64.from ?? BigInt(local.length), 8));
    end64.push(...little(0x07064b50, 4), ...little(0, 4), ...little(zip64.at ?? BigInt(at), 8), ...little(1, 4));
  }
  const end = [...little(0x06054b50, 4), ...little(disk, 2), ...little(disk, 2), ...little(count, 2)];
  end.push(...little(count, 2), ...little(size, 4), ...little(from, 4), 0, 0);
  return concat([local, central, end64, end]);
}

/** Without spreading: members may be millions of bytes. */
function concat(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Opcodes of protocol 2 and later, each as bytes. */
export const pickle = {
  of: (...parts: readonly (string | number | Uint8Array | readonly number[])[]) => bytesOf(0x80, 2, ...parts, '.'),
  global: (module: string, name: string) => bytesOf('c', module, '\n', name, '\n'),
  text: (value: string) => bytesOf('X', little(encoder.encode(value).length, 4), value),
  int: (value: number) => bytesOf('J', little(value, 4)),
  tuple: (...items: readonly Uint8Array[]) => bytesOf('(', ...items, 't'),
  storage: (key: string, length: number, type = 'FloatStorage', location = 'cpu') =>
    bytesOf(
      pickle.tuple(
        pickle.text('storage'),
        pickle.global('torch', type),
        pickle.text(key),
        pickle.text(location),
        pickle.int(length),
      ),
      'Q',
    ),
  tensor: (storage: Uint8Array, offset: number, shape: readonly number[], strides: readonly number[]) =>
    bytesOf(
      pickle.global('torch._utils', '_rebuild_tensor_v2'),
      pickle.tuple(
        storage,
        pickle.int(offset),
        pickle.tuple(...shape.map(pickle.int)),
        pickle.tuple(...strides.map(pickle.int)),
        bytesOf(0x89),
        bytesOf(pickle.global('collections', 'OrderedDict'), ')R'),
      ),
      'R',
    ),
  dict: (entries: readonly (readonly [string, Uint8Array])[]) =>
    bytesOf('}(', ...entries.flatMap(([key, value]) => [pickle.text(key), value]), 'u'),
};

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly values?: readonly number[];
  /** What the pickle says, where it is not what torch.save() would. */
  readonly strides?: readonly number[];
  readonly offset?: number;
  readonly length?: number;
  readonly key?: string;
  readonly type?: string;
  readonly location?: string;
}

/** SpeechBrain's Xvector with one TDNN layer of 3 inputs and 2 outputs, and embeddings of 2. */
export const VALID: Readonly<Record<string, TensorSpec>> = {
  'blocks.0.conv.weight': { shape: [2, 3, 1] },
  'blocks.0.conv.bias': { shape: [2] },
  'blocks.2.norm.weight': { shape: [2] },
  'blocks.2.norm.bias': { shape: [2] },
  'blocks.2.norm.running_mean': { shape: [2] },
  'blocks.2.norm.running_var': { shape: [2] },
  'blocks.4.w.weight': { shape: [2, 4] },
  'blocks.4.w.bias': { shape: [2] },
};

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function contiguous(shape: readonly number[]): number[] {
  return shape.map((_, d) => sizeOf(shape.slice(d + 1)));
}

export const float32 = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** The members of a checkpoint with some of its tensors changed, added or (undefined) left out. */
export function checkpointMembers(
  changes: Readonly<Record<string, Partial<TensorSpec> | undefined>> = {},
): ZipMember[] {
  const members: ZipMember[] = [];
  const entries: [string, Uint8Array][] = [];
  for (const name of new Set([...Object.keys(VALID), ...Object.keys(changes)])) {
    if (name in changes && changes[name] === undefined) continue;
    const spec: TensorSpec = { ...(VALID[name] ?? { shape: [1] }), ...changes[name] };
    const key = spec.key ?? String(members.length);
    const values = spec.values ?? Array.from({ length: sizeOf(spec.shape) }, (_, i) => 0.5 + i / 8);
    if (spec.key === undefined) members.push({ name: `archive/data/${key}`, bytes: float32(values) });
    const storage = pickle.storage(key, spec.length ?? values.length, spec.type, spec.location);
    entries.push([name, pickle.tensor(storage, spec.offset ?? 0, spec.shape, spec.strides ?? contiguous(spec.shape))]);
  }
  return [{ name: 'archive/data.pkl', bytes: pickle.of(pickle.dict(entries)) }, ...members];
}

export function checkpoint(changes: Readonly<Record<string, Partial<TensorSpec> | undefined>> = {}): Uint8Array {
  return zipOf(checkpointMembers(changes));
}

/** A checkpoint whose pickle is this. */
export function withPickle(bytes: Uint8Array): Uint8Array {
  return zipOf(checkpointMembers().map((member, i) => (i === 0 ? { ...member, bytes } : member)));
}

/** A checkpoint with what its zip says changed. */
export function withMember(at: number, change: Partial<ZipMember>, lies?: ZipLies): Uint8Array {
  return zipOf(
    checkpointMembers().map((member, i) => (i === at ? { ...member, ...change } : member)),
    lies,
  );
}

/** A safetensors file of this header, whatever its length is said to be. */
export function safetensorsOf(
  header: string,
  data = 0,
  length: number | bigint = encoder.encode(header).length,
): Uint8Array {
  return bytesOf(little(length, 8), header, new Uint8Array(data));
}

/** One of ser-kit's own files with this header and payload, and the checksum that goes with them. */
export function ownFileOf(header: unknown, payload = 0, version = 1): Uint8Array {
  const text = encoder.encode(typeof header === 'string' ? header : JSON.stringify(header));
  const start = bytesOf('ser-kit xvector\n', little(version, 4), little(text.length, 4), little(payload, 4));
  const rest = bytesOf(text, new Uint8Array(payload));
  return bytesOf(start, little(crc32(rest, crc32(start)), 4), rest);
}
