import { quote, SerKitError } from '../core/errors.ts';
import { OPCODES as OP, OPCODE_NAMES } from './pickle-opcodes.ts';

/** A name that a pickle may import: something that REDUCE may call, or a word that stands for itself. */
export interface PickleGlobal {
  readonly name: string;
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** What a pickle may do beyond numbers, texts, tuples, lists and dicts. */
export interface PickleRules {
  /** By module and name: 'collections.OrderedDict'. All others are refused. */
  readonly globals: readonly PickleGlobal[];
  /** What a persistent id stands for. */
  persistent(id: unknown): unknown;
}

/** A Python tuple. Lists are arrays, dicts Maps. */
export class PickleTuple {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** A value of a pickle as Python calls it. */
export function quoted(value: unknown): string {
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof PickleTuple) return `a tuple of ${value.items.length}`;
  return quote(value);
}

/** A state dict takes some 50 for each tensor. Stack, memo and depth cannot grow beyond the opcodes. */
const MOST_OPCODES = 100_000;

/**
 * What a pickle of protocol 2 to 5 holds, read by an allow-list: numbers, texts, tuples, lists, dicts, and what `rules` make of the
 * names in them. Any other opcode and any other name is refused by name; there is nothing here that could run what a file says.
 *
 * @throws SerKitError 'unsupported' naming what is not allowed, 'bad-format', 'truncated'
 */
export function readPickle(who: string, bytes: Uint8Array, rules: PickleRules): unknown {
  return new PickleReader(who, bytes, rules).read();
}

const NOTHING: unique symbol = /* @__PURE__ */ Symbol('nothing');

class PickleReader {
  readonly #who: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #globals: ReadonlyMap<string, PickleGlobal>;
  readonly #persistent: (id: unknown) => unknown;
  #at = 0;
  #stack: unknown[] = [];
  /** The stacks below each MARK. */
  readonly #marked: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(who: string, bytes: Uint8Array, { globals, persistent }: PickleRules) {
    this.#who = `${who}: pickle`;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#globals = new Map(globals.map((each) => [each.name, each]));
    this.#persistent = persistent;
  }

  read(): unknown {
    if (this.#byte() !== OP.PROTO) throw this.#bad('protocol 2 to 5 at the beginning, got none');
    const protocol = this.#byte();
    if (protocol < 2 || protocol > 5) throw this.#unsupported(`protocol 2 to 5, got ${protocol}`);
    for (let count = 1; count <= MOST_OPCODES; count++) {
      const code = this.#byte();
      if (code === OP.STOP) {
        if (this.#marked.length > 0) throw this.#bad('a tuple to be closed before STOP, got none');
        return this.#pop();
      }
      const value = this.#step(code);
      if (value !== NOTHING) this.#stack.push(value);
    }
    throw this.#bad(`at most ${MOST_OPCODES} opcodes, got more`);
  }

  /** What an opcode pushes; NOTHING where it pushes nothing. */
  #step(code: number): unknown {
    switch (code) {
      case OP.FRAME:
        // Frames are for reading ahead: all that one says is how far.
        this.#take(this.#length64(), 'a frame');
        return NOTHING;
      case OP.NONE:
        return null;
      case OP.NEWTRUE:
        return true;
      case OP.NEWFALSE:
        return false;
      case OP.BININT:
        return this.#view.getInt32(this.#advance(4), true);
      case OP.BININT1:
        return this.#byte();
      case OP.BININT2:
        return this.#view.getUint16(this.#advance(2), true);
      case OP.LONG1:
        return this.#long(this.#byte());
      case OP.LONG4:
        return this.#long(this.#view.getInt32(this.#advance(4), true));
      case OP.BINFLOAT:
        return this.#view.getFloat64(this.#advance(8), false);
      case OP.SHORT_BINUNICODE:
        return this.#text(this.#byte());
      case OP.BINUNICODE:
        return this.#text(this.#view.getUint32(this.#advance(4), true));
      case OP.BINUNICODE8:
        return this.#text(this.#length64());
      case OP.EMPTY_TUPLE:
        return new PickleTuple([]);
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3: {
        const items = Array.from({ length: code - OP.TUPLE1 + 1 }, () => this.#pop());
        return new PickleTuple(items.reverse());
      }
      case OP.TUPLE:
        return new PickleTuple(this.#popMark());
      case OP.EMPTY_LIST:
        return [];
      case OP.APPEND: {
        const item = this.#pop();
        this.#list().push(item);
        return NOTHING;
      }
      case OP.APPENDS: {
        const items = this.#popMark();
        const list = this.#list();
        for (const item of items) list.push(item);
        return NOTHING;
      }
      case OP.EMPTY_DICT:
        return new Map();
      case OP.SETITEM: {
        const value = this.#pop();
        return this.#setItems([this.#pop(), value]);
      }
      case OP.SETITEMS:
        return this.#setItems(this.#popMark());
      case OP.MARK:
        this.#marked.push(this.#stack);
        this.#stack = [];
        return NOTHING;
      case OP.BINPUT:
        return this.#remember(this.#byte());
      case OP.LONG_BINPUT:
        return this.#remember(this.#view.getUint32(this.#advance(4), true));
      case OP.MEMOIZE:
        return this.#remember(this.#memo.size);
      case OP.BINGET:
        return this.#recall(this.#byte());
      case OP.LONG_BINGET:
        return this.#recall(this.#view.getUint32(this.#advance(4), true));
      case OP.GLOBAL:
        return this.#global(this.#line(), this.#line());
      case OP.STACK_GLOBAL: {
        const name = this.#pop();
        return this.#global(this.#pop(), name);
      }
      case OP.BINPERSID:
        return this.#persistent(this.#pop());
      case OP.REDUCE:
        return this.#reduce();
      case OP.BUILD:
        return this.#build();
      default:
        throw this.#refused(code);
    }
  }

  /** An opcode that is not read; where it names something to build, with that name. */
  #refused(code: number): SerKitError {
    const name = OPCODE_NAMES.get(code) ?? `opcode 0x${code.toString(16).padStart(2, '0')}`;
    const names = code === OP.INST ? ` of ${quote(`${this.#line()}.${this.#line()}`)}` : '';
    return this.#unsupported(`what torch.save() writes of a state dict, got ${name}${names}; nothing was run`);
  }

  #global(module: unknown, name: unknown): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.#bad(`a name to import, got ${quoted(module)} and ${quoted(name)}`);
    }
    const found = this.#globals.get(`${module}.${name}`);
    if (found !== undefined) return found;
    throw this.#unsupported(
      `no names but ${[...this.#globals.keys()].join(', ')}, got ${quote(`${module}.${name}`)}; nothing was run. A whole model's weights alone: torch.save(model.state_dict(), OUT)`,
    );
  }

  #reduce(): unknown {
    const args = this.#pop();
    const callee = this.#pop() as PickleGlobal | null;
    const call = [...this.#globals.values()].includes(callee!) ? callee!.call : undefined;
    if (call === undefined || !(args instanceof PickleTuple)) {
      throw this.#bad(`a function and a tuple of arguments for REDUCE, got ${quoted(callee)} and ${quoted(args)}`);
    }
    return call(args.items);
  }

  /** Gives an OrderedDict its attributes, such as the `_metadata` of a state dict, which say nothing about the numbers. */
  #build(): typeof NOTHING {
    const state = this.#pop();
    const target = this.#peek();
    if (!(target instanceof Map) || !(state instanceof Map)) {
      throw this.#unsupported(`BUILD on a dict alone, got it on ${quoted(target)}; nothing was run`);
    }
    return NOTHING;
  }

  #setItems(items: readonly unknown[]): typeof NOTHING {
    const dict = this.#peek();
    if (!(dict instanceof Map)) throw this.#bad(`a dict to set items of, got ${quoted(dict)}`);
    if (items.length % 2 !== 0) throw this.#bad('keys and values in turn, got a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string') throw this.#bad(`keys that are texts, got ${quoted(key)}`);
      if (dict.has(key)) throw this.#bad(`each key once, got ${quote(key)} twice`);
      dict.set(key, items[i + 1]);
    }
    return NOTHING;
  }

  #list(): unknown[] {
    const list = this.#peek();
    if (!Array.isArray(list)) throw this.#bad(`a list to append to, got ${quoted(list)}`);
    return list;
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.#bad('a value on the stack, got none');
    return this.#stack.pop();
  }

  #peek(): unknown {
    if (this.#stack.length === 0) throw this.#bad('a value on the stack, got none');
    return this.#stack.at(-1);
  }

  #popMark(): unknown[] {
    const items = this.#stack;
    const below = this.#marked.pop();
    if (below === undefined) throw this.#bad('a MARK on the stack, got none');
    this.#stack = below;
    return items;
  }

  #remember(place: number): typeof NOTHING {
    this.#memo.set(place, this.#peek());
    return NOTHING;
  }

  #recall(place: number): unknown {
    if (!this.#memo.has(place)) throw this.#bad(`a value in memo ${place}, got none`);
    return this.#memo.get(place);
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  /** Goes on by so many bytes; where they begin. */
  #advance(count: number): number {
    this.#take(count, 'bytes');
    this.#at += count;
    return this.#at - count;
  }

  #take(count: number, what: string): void {
    const left = this.#bytes.length - this.#at;
    if (count <= left) return;
    throw new SerKitError('truncated', `${this.#who} expected ${count} bytes of ${what} at ${this.#at}, got ${left}`);
  }

  #length64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  #text(length: number): string {
    const at = this.#advance(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0)
      throw new SerKitError('truncated', `${this.#who} expected the end of a line after ${this.#at}, got none`);
    const text = this.#text(end - this.#at);
    this.#at++;
    return text;
  }

  /** An integer of so many bytes, two's complement, little-endian. */
  #long(length: number): number {
    if (length < 0 || length > 8) throw this.#bad(`integers of at most 8 bytes, got ${length}`);
    const at = this.#advance(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #bad(expected: string): SerKitError {
    return new SerKitError('bad-format', `${this.#who} expected ${expected}, at byte ${this.#at}`);
  }

  #unsupported(expected: string): SerKitError {
    return new SerKitError('unsupported', `${this.#who} expected ${expected}`);
  }
}
