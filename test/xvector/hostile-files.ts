import { hostileKaldi } from './hostile-kaldi.ts';
import {
  bytesOf,
  checkpoint,
  checkpointMembers,
  float32,
  type HostileFile,
  little,
  ownFileOf,
  pickle,
  safetensorsOf,
  withMember,
  withPickle,
  zipOf,
} from './hostile-support.ts';

/** Hostile and broken files of each format; `sentinel` is a file that some of them would make if they could. */
export function hostileFiles(sentinel: string): HostileFile[] {
  return [...pickles(sentinel), ...tensors(), ...zips(), ...safetensors(), ...ownFiles(), ...kaldiFiles()];
}

function pickles(sentinel: string): HostileFile[] {
  const command = pickle.tuple(pickle.text(`touch ${sentinel}`));
  const call = (module: string, name: string, args = command): Uint8Array =>
    withPickle(pickle.of(pickle.global(module, name), args, 'R'));
  const { text, global, int, dict } = pickle;
  const ordered = global('collections', 'OrderedDict');
  const named = (name: string): RegExp =>
    new RegExp(`no names but .*, got "${name.replaceAll('.', '\\.')}"; nothing was run`);
  const opcode = (name: string): RegExp => new RegExp(`state dict, got ${name}.*nothing was run`);
  const script = text(`require('node:fs').writeFileSync(${JSON.stringify(sentinel)}, '')`);
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({
    name: `pickle: ${name}`,
    bytes,
    says,
  });
  return [
    file('os.system', call('os', 'system'), named('os.system')),
    file('posix.system', call('posix', 'system'), named('posix.system')),
    file('builtins.eval', call('builtins', 'eval', pickle.tuple(script)), named('builtins.eval')),
    file('__builtin__.exec', call('__builtin__', 'exec', pickle.tuple(script)), named('__builtin__.exec')),
    file('builtins.getattr', call('builtins', 'getattr'), named('builtins.getattr')),
    file('subprocess.Popen', call('subprocess', 'Popen'), named('subprocess.Popen')),
    file('torch.load', call('torch', 'load'), named('torch.load')),
    file('torch.hub.load', call('torch.hub', 'load'), named('torch.hub.load')),
    file(
      'numpy._reconstruct',
      call('numpy.core.multiarray', '_reconstruct'),
      named('numpy.core.multiarray._reconstruct'),
    ),
    file('a JavaScript function', call('Function', 'constructor', pickle.tuple(script)), named('Function.constructor')),
    file('names of Object.prototype', call('constructor', 'constructor'), named('constructor.constructor')),
    file('an allowed module, another name', call('collections', 'namedtuple'), named('collections.namedtuple')),
    file(
      'a storage that is not read',
      checkpoint({ 'blocks.0.conv.bias': { type: 'ComplexFloatStorage' } }),
      named('torch.ComplexFloatStorage'),
    ),
    file(
      'STACK_GLOBAL os.system',
      withPickle(pickle.of(text('os'), text('system'), 0x93, command, 'R')),
      named('os.system'),
    ),
    file('STACK_GLOBAL of numbers', withPickle(pickle.of(int(1), int(2), 0x93)), /a name to import, got 1 and 2/),
    file('a name of two modules', withPickle(pickle.of(global('os\u2028', 'system'))), /no names but/),
    file('INST', withPickle(pickle.of('(', text(`touch ${sentinel}`), 'ios\nsystem\n')), opcode('INST of "os.system"')),
    file('OBJ', withPickle(pickle.of('(', ordered, 'o')), opcode('OBJ')),
    file('NEWOBJ', withPickle(pickle.of(ordered, ')', 0x81)), opcode('NEWOBJ')),
    file('NEWOBJ_EX', withPickle(pickle.of(ordered, ')}', 0x92)), opcode('NEWOBJ_EX')),
    file('EXT1', withPickle(pickle.of(0x82, 1)), opcode('EXT1')),
    file('EXT4', withPickle(pickle.of(0x84, little(1, 4))), opcode('EXT4')),
    file('PERSID', withPickle(pickle.of('P0\n')), opcode('PERSID')),
    file('an opcode that is none', withPickle(pickle.of(0xff)), opcode('opcode 0xff')),
    file('a text as a number', withPickle(pickle.of('I12\n')), opcode('INT')),
    file('bytes', withPickle(pickle.of('C', 1, 65)), opcode('SHORT_BINBYTES')),
    file(
      'a storage called',
      withPickle(pickle.of(global('torch', 'FloatStorage'), int(9), 0x85, 'R')),
      /a function and a tuple/,
    ),
    file('a tuple called', withPickle(pickle.of('))R')), /a function and a tuple/),
    file('OrderedDict of a list', withPickle(pickle.of(ordered, ']', 0x85, 'R')), /OrderedDict expected no arguments/),
    file('BUILD of a tensor', withPickle(pickle.of(ordered, '}b')), /BUILD on a dict alone/),
    file(
      '_rebuild_tensor_v2 of nothing',
      withPickle(pickle.of(global('torch._utils', '_rebuild_tensor_v2'), ')R')),
      /tensor expected a storage/,
    ),
    file(
      '_rebuild_parameter of a text',
      withPickle(pickle.of(global('torch._utils', '_rebuild_parameter'), text('x'), 0x85, 'R')),
      /expected a tensor, got "x"/,
    ),
    file('a persistent id that is a text', withPickle(pickle.of(text('../../etc/passwd'), 'Q')), /storage expected/),
    file(
      'a storage in another folder',
      withPickle(pickle.of(pickle.storage('../../../etc/passwd', 1))),
      /expected a file data\/\.\.\//,
    ),
    file('STOP at once', withPickle(pickle.of()), /a value on the stack, got none/),
    file('TUPLE without MARK', withPickle(pickle.of('t')), /a MARK on the stack, got none/),
    file('SETITEM on a number', withPickle(pickle.of(int(1), text('a'), int(2), 's')), /a dict to set items of, got 1/),
    file('a key without a value', withPickle(pickle.of('}(', text('a'), 'u')), /keys and values in turn/),
    file('a key that is a tuple', withPickle(pickle.of('}(', ')', int(1), 'u')), /keys that are texts/),
    file(
      'a key twice',
      withPickle(pickle.of('}(', text('a'), int(1), text('a'), int(2), 'u')),
      /each key once, got "a" twice/,
    ),
    file(
      '__proto__ as a key',
      withPickle(pickle.of(dict([['__proto__', dict([['polluted', int(1)]])]]))),
      /"__proto__" expected a tensor/,
    ),
    file('a memo that is not there', withPickle(pickle.of('h', 7)), /a value in memo 7, got none/),
    file('the last memo there can be', withPickle(pickle.of('j', little(0xffffffff, 4))), /a value in memo 4294967295/),
    file(
      'a memo bomb',
      withPickle(
        pickle.of(')', ...Array.from({ length: 60_000 }, (_, i) => bytesOf('r', little(i, 4), 'j', little(i, 4)))),
      ),
      /at most 100000 opcodes/,
    ),
    file(
      'tuples of tuples of themselves',
      withPickle(pickle.of(')', ...Array.from({ length: 200 }, () => bytesOf('q', 0, 'h', 0, 0x86)))),
      /expected a state dict/,
    ),
    file('100,000 MARKs', withPickle(pickle.of('('.repeat(100_000))), /at most 100000 opcodes/),
    file(
      '100,000 tuples one in another',
      withPickle(pickle.of(')', new Uint8Array(99_000).fill(0x85))),
      /expected a state dict/,
    ),
    file('a list of itself', withPickle(pickle.of(']q', 0, 'h', 0, 'a')), /expected a state dict/),
    file(
      'a pickle of 5 MB',
      withPickle(bytesOf(0x80, 2, new Uint8Array(5_000_000).fill(0x4e))),
      /data\.pkl expected at most/,
    ),
    file('LONG4 of 2^31 - 1 bytes', withPickle(pickle.of(0x8b, little(0x7fffffff, 4))), /integers of at most 8 bytes/),
    file('LONG4 of -1 bytes', withPickle(pickle.of(0x8b, little(0xffffffff, 4))), /integers of at most 8 bytes/),
    file(
      'LONG1 of 255 bytes',
      withPickle(pickle.of(0x8a, 255, new Uint8Array(255).fill(0x7f))),
      /integers of at most 8 bytes/,
    ),
    file('BINUNICODE of 4 GB', withPickle(pickle.of('X', little(0xffffffff, 4))), /expected 4294967295 bytes/),
    file(
      'BINUNICODE8 of 2^60 bytes',
      withPickle(pickle.of(0x8d, little(2n ** 60n, 8))),
      /expected 1152921504606847000 bytes/,
    ),
    file('FRAME of 2^60 bytes', withPickle(pickle.of(0x95, little(2n ** 60n, 8))), /bytes of a frame/),
    file('protocol 0', withPickle(bytesOf('(dp0\n.')), /protocol 2 to 5/),
    file('protocol 9', withPickle(bytesOf(0x80, 9, 'N.')), /protocol 2 to 5, got 9/),
    file('ends without STOP', withPickle(bytesOf(0x80, 2, '}')), /expected 1 bytes/),
    file('nothing', withPickle(new Uint8Array()), /expected 1 bytes/),
    file('a number instead of a state dict', withPickle(pickle.of(int(1))), /expected a state dict, got 1/),
    file(
      'a state dict in a dict',
      withPickle(pickle.of(dict([['model', dict([])]]))),
      /save the state dict within "model" alone/,
    ),
    file('no tensors', withPickle(pickle.of('}')), /"blocks\.0\.conv\.weight" first, got 0 tensors/),
  ];
}

function tensors(): HostileFile[] {
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({
    name: `checkpoint: ${name}`,
    bytes,
    says,
  });
  const weight = 'blocks.0.conv.weight';
  const many = Object.fromEntries(
    Array.from({ length: 70 }, (_, block) => [`blocks.${3 * block}.conv.weight`, { shape: [2, 2, 1] }]),
  );
  return [
    file(
      'a missing tensor',
      checkpoint({ 'blocks.2.norm.running_var': undefined }),
      /"blocks\.2\.norm\.running_var", got none/,
    ),
    file('a missing linear layer', checkpoint({ 'blocks.4.w.weight': undefined }), /"blocks\.4\.w\.weight", got none/),
    file('one tensor more', checkpoint({ 'blocks.9.w.weight': { shape: [1] } }), /got "blocks\.9\.w\.weight" as well/),
    file(
      'a layer left out',
      checkpoint({ 'blocks.6.conv.weight': { shape: [2, 2, 1] } }),
      /TDNN layers at blocks 0, 3, 6/,
    ),
    file('seventy layers', checkpoint({ [weight]: { shape: [2, 2, 1] }, ...many }), /at most 64 TDNN layers/),
    file(
      'a layer without its kernel',
      checkpoint({ 'blocks.3.conv.bias': { shape: [2] }, 'blocks.6.conv.weight': { shape: [2, 2, 1] } }),
      /"blocks\.3\.conv\.weight" among them, got no such tensor beside blocks\.0/,
    ),
    file(
      'a last layer without its kernel',
      checkpoint({ 'blocks.3.conv.bias': { shape: [2] } }),
      /"blocks\.3\.conv\.weight" among them/,
    ),
    file(
      'a first layer without its kernel',
      checkpoint({ [weight]: undefined, 'blocks.3.conv.weight': { shape: [2, 2, 1] } }),
      /"blocks\.0\.conv\.weight" among them/,
    ),
    file(
      'ECAPA-TDNN',
      checkpoint({ [weight]: undefined, 'mfa.conv.conv.weight': { shape: [1] } }),
      /those of an ECAPA-TDNN network/,
    ),
    file(
      'a kernel of two dimensions',
      checkpoint({ [weight]: { shape: [2, 3] } }),
      /conv\.weight expected shape \[any, any, any\], got \[2,3\]/,
    ),
    file(
      'a bias too long',
      checkpoint({ 'blocks.0.conv.bias': { shape: [3] } }),
      /conv\.bias expected shape \[2\], got \[3\]/,
    ),
    file(
      'a linear layer too narrow',
      checkpoint({ 'blocks.4.w.weight': { shape: [2, 3] } }),
      /w\.weight expected shape \[any, 4\]/,
    ),
    file('a kernel of no numbers', checkpoint({ [weight]: { shape: [0, 3, 1] } }), /conv\.weight expected shape/),
    file('a kernel of an even width', checkpoint({ [weight]: { shape: [2, 3, 2] } }), /as many frames before as after/),
    file(
      'NaN',
      checkpoint({ [weight]: { values: [1, 2, Number.NaN, 4, 5, 6] } }),
      /finite numbers, got NaN at index 2/,
    ),
    file(
      'an infinite bias',
      checkpoint({ 'blocks.4.w.bias': { values: [Infinity, 1] } }),
      /finite numbers, got Infinity/,
    ),
    file(
      'a negative variance',
      checkpoint({ 'blocks.2.norm.running_var': { values: [1, -1] } }),
      /running_var expected >= 0, got -1/,
    ),
    file('an offset beyond the storage', checkpoint({ [weight]: { offset: 1 } }), /within its storage of 6 numbers/),
    file('a negative offset', checkpoint({ [weight]: { offset: -1 } }), /tensor expected a storage, an offset/),
    file(
      'strides beyond the storage',
      checkpoint({ [weight]: { strides: [100, 1, 1] } }),
      /within its storage of 6 numbers/,
    ),
    file('a negative stride', checkpoint({ [weight]: { strides: [-3, 1, 1] } }), /tensor expected a storage/),
    file(
      'strides of 0 over 2^62 numbers',
      checkpoint({ [weight]: { shape: [2 ** 31 - 1, 2 ** 31 - 1, 1], values: [1], strides: [0, 0, 0] } }),
      /within its storage of 1 numbers/,
    ),
    file('more sizes than strides', checkpoint({ [weight]: { strides: [3, 1] } }), /tensor expected a storage/),
    file(
      'nine dimensions',
      checkpoint({ [weight]: { shape: new Array<number>(9).fill(1), values: [1] } }),
      /at most 8 dimensions/,
    ),
    file(
      'a storage longer than its file',
      checkpoint({ [weight]: { length: 7 } }),
      /data\/0 expected 28 bytes, got 24/,
    ),
    file(
      'a storage of 2^31 numbers',
      checkpoint({ [weight]: { length: 2 ** 31 - 1 } }),
      /data\/0 expected 8589934588 bytes/,
    ),
    file('a storage of -1 numbers', checkpoint({ [weight]: { length: -1 } }), /storage expected/),
    file(
      'a storage that is not in the zip',
      checkpoint({ [weight]: { key: '77', length: 6 } }),
      /expected a file data\/77, got none/,
    ),
    file(
      'a storage of another type',
      checkpoint({ [weight]: { type: 'DoubleStorage' } }),
      /data\/0 expected 48 bytes, got 24/,
    ),
    file(
      'a storage of two types',
      checkpoint({ 'blocks.0.conv.bias': { key: '0', length: 12, type: 'HalfStorage' } }),
      /data\/0 expected one type, got two/,
    ),
    file('8 MB that 60 tensors share', sharedBomb(), /they share storages/),
  ];
}

/** 60 tensors of the same 2 million numbers: 480 MB, if they were all read. */
function sharedBomb(): Uint8Array {
  const numbers = 2_000_000;
  const tensor = pickle.tensor(pickle.storage('0', numbers), 0, [numbers], [1]);
  const entries = Array.from({ length: 60 }, (_, i) => [`blocks.${i}.conv.weight`, tensor] as const);
  return zipOf([
    { name: 'a/data.pkl', bytes: pickle.of(pickle.dict(entries)) },
    { name: 'a/data/0', bytes: new Uint8Array(4 * numbers) },
  ]);
}

function zips(): HostileFile[] {
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({ name: `zip: ${name}`, bytes, says });
  const valid = checkpoint();
  const members = checkpointMembers();
  return [
    ...[3, 30, 100, valid.length - 23, valid.length - 1].map((length) =>
      file(
        `ends after ${length} bytes`,
        valid.subarray(0, length),
        /expected a zip that ends in its directory|expected .* ser-kit/,
      ),
    ),
    file('a changed number', withMember(1, { crc: 1 }), /CRC-32 1, got/),
    file('compressed', withMember(1, { method: 8, packed: 10 }), /expected stored as it is.*compressed \(method 8/),
    file('a bomb: 4 GB in 24 bytes', withMember(1, { method: 8, whole: 0xfffffffe }), /got it compressed/),
    file('stored, of two sizes', withMember(1, { whole: 25 }), /24 bytes for 25/),
    file('encrypted', withMember(1, { flags: 1 }), /expected in clear, got it encrypted/),
    file(
      'a zip in a zip',
      zipOf([{ name: 'archive/inner.zip', bytes: valid }]),
      /one data\.pkl, got 0 of them in 1 files/,
    ),
    file('members that overlap', withMember(2, { header: 0 }), /to begin after the file before it/),
    file('a member within another', quotedZip(), /to begin after the file before it/),
    file('a member into the directory', withMember(8, { packed: 100, whole: 100 }), /to end before the directory/),
    file('a member beyond the file', withMember(1, { packed: 2 ** 30, whole: 2 ** 30 }), /to end before the directory/),
    file('a header that is none', withMember(1, { header: 5 }), /expected a header|to begin after/),
    file('a header beyond the file', withMember(1, { header: 0xfffffff0 }), /expected a header .* got none/),
    file('a name twice', zipOf([...members, members[1]!]), /to be there once, got it twice/),
    file('two pickles', zipOf([...members, { ...members[0]!, name: 'b/data.pkl' }]), /one data\.pkl, got 2/),
    file('nothing in it', zipOf([]), /one data\.pkl, got 0 of them/),
    file(
      'fewer entries than it says',
      zipOf(members, { count: 20 }),
      /directory expected entry 10 of 20|directory of 20 files/,
    ),
    file('65,535 entries', zipOf(members, { count: 65_535 }), /at most 10000 files/),
    file(
      'a directory beyond the file',
      zipOf(members, { from: 2 ** 31 }),
      /directory of 9 files expected to lie before/,
    ),
    file('several disks', zipOf(members, { disk: 1 }), /one disk, got several/),
    file('a name longer than the directory', withLongName(), /expected to end by|directory expected entry/),
    file('zip64: 2^63 entries', zipOf(members, { zip64: { count: 2n ** 63n } }), /at most 10000 files/),
    file('zip64: a directory at 2^63', zipOf(members, { zip64: { from: 2n ** 63n } }), /expected to lie before/),
    file(
      'zip64: a directory of 2^64 - 1 bytes',
      zipOf(members, { zip64: { size: 2n ** 64n - 1n } }),
      /expected to lie before/,
    ),
    file('zip64: an end record at 2^63', zipOf(members, { zip64: { at: 2n ** 63n } }), /its end record before/),
    file('zip64: an end record at 0', zipOf(members, { zip64: { at: 0n } }), /its end record before/),
    file(
      'zip64: sizes that are nowhere',
      withMember(1, { packed: 0xffffffff, whole: 0xffffffff }),
      /sizes in an entry's extra field, got none/,
    ),
    file(
      'zip64: sizes of 2^62',
      withMember(1, {
        packed: 0xffffffff,
        whole: 0xffffffff,
        extra: [...little(1, 2), ...little(16, 2), ...little(2n ** 62n, 8), ...little(2n ** 62n, 8)],
      }),
      /to end before the directory/,
    ),
    file(
      'TorchScript',
      zipOf([...members, { name: 'archive/constants.pkl', bytes: pickle.of(')') }]),
      /TorchScript archive/,
    ),
    file(
      'a byte order of its own',
      zipOf([...members, { name: 'archive/byteorder', bytes: bytesOf('middle') }]),
      /byteorder expected little \| big, got "middle"/,
    ),
  ];
}

/** One member whose bytes are another's header and bytes, as in Fifield's zip bomb. */
function quotedZip(): Uint8Array {
  const inner = float32([1, 2]);
  return zipOf([
    { name: 'a', bytes: bytesOf('PK', 3, 4, new Uint8Array(22), little(1, 2), 0, 0, 'b', inner) },
    { name: 'b', bytes: inner, header: 31 },
  ]);
}

function withLongName(): Uint8Array {
  const bytes = checkpoint().slice();
  const view = new DataView(bytes.buffer);
  view.setUint16(view.getUint32(bytes.length - 6, true) + 28, 0xffff, true);
  return bytes;
}

function safetensors(): HostileFile[] {
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({
    name: `safetensors: ${name}`,
    bytes,
    says,
  });
  const f32 = (shape: unknown, offsets: unknown, dtype: unknown = 'F32'): object => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const of = (header: unknown, data = 0): Uint8Array => safetensorsOf(JSON.stringify(header), data);
  const own = (metadata: object): Uint8Array => of({ __metadata__: { format: 'ser-kit-xvector', ...metadata } });
  return [
    file('a header of 2^60 bytes', safetensorsOf('{}', 0, 2n ** 60n), /header expected at most|expected .*got/),
    file(
      'a header of 4 GB',
      safetensorsOf('{}', 0, 0xffffffff),
      /header expected at most 4194304 bytes|expected .*got/,
    ),
    file('a header of 16 MB', safetensorsOf('{}', 0, 0xffffff), /header expected at most 4194304 bytes, got 16777215/),
    file('a header longer than the file', safetensorsOf('{}', 0, 1000), /header expected 1000 bytes, got 2 of them/),
    file('a header that is no JSON', safetensorsOf('{"a": }'), /header expected JSON/),
    file('a header in Latin-1', bytesOf(little(7, 8), '{"', 0xe4, '":1}'), /JSON in UTF-8/),
    file(
      'a header 100,000 deep',
      safetensorsOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      /depth of at most 64/,
    ),
    file(
      'a name twice',
      safetensorsOf(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /each key once, got "a" twice/,
    ),
    file('a name twice, once with an escape', safetensorsOf('{"a":1,"\\u0061":2}'), /each key once, got "a" twice/),
    file('__proto__', safetensorsOf('{"__proto__":{"polluted":1}}'), /no key named "__proto__"/),
    file('metadata that is no text', of({ __metadata__: { a: 1 } }), /__metadata__ expected texts/),
    file(
      'a type that is not read',
      of({ a: f32([1], [0, 1], 'F8_E5M2') }, 1),
      /dtype F64 \| F32 \| F16 \| BF16 \| I64, got "F8_E5M2"/,
    ),
    file('a type of Object.prototype', of({ a: f32([1], [0, 4], 'constructor') }, 4), /dtype F64 .* got "constructor"/),
    file('a shape of fractions', of({ a: f32([1.5], [0, 6]) }, 6), /a shape of at most 8 whole numbers/),
    file('a shape of 2^53 numbers', of({ a: f32([2 ** 27, 2 ** 26], [0, 4]) }, 4), /bytes for shape/),
    file('a negative size', of({ a: f32([-1], [0, 4]) }, 4), /a shape of at most/),
    file('offsets the wrong way round', of({ a: f32([1], [4, 0]) }, 4), /data_offsets of a beginning and an end/),
    file('offsets beyond the file', of({ a: f32([2], [0, 8]) }, 4), /expected 8 bytes of numbers, got 4/),
    file(
      'offsets at 2^53',
      of({ a: f32([1], [2 ** 53 - 5, 2 ** 53 - 1]) }, 4),
      /expected to begin where the one before it ends/,
    ),
    file(
      'tensors that overlap',
      of({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12),
      /"b" expected to begin where the one before it ends, at 8, got 4/,
    ),
    file(
      'a hole between tensors',
      of({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12),
      /"b" expected to begin where the one before it ends/,
    ),
    file(
      'bytes after the last',
      of({ a: f32([1], [0, 4]) }, 8),
      /expected 4 bytes of numbers, as the tensors have, got 8/,
    ),
    file('a key more', of({ a: { ...f32([1], [0, 4]), code: 'x' } }, 4), /data_offsets alone, got "code"/),
    file('no tensors', of({}), /got 0 tensors/),
    file('a newer version', own({ version: '2', network: '{}' }), /version expected at most 1, got 2/),
    file('no version', own({ network: '{}' }), /version expected 1, got undefined/),
    file('no network', own({ version: '1' }), /network: header expected JSON/),
    file('a header of 4 MB of escapes', safetensorsOf(ESCAPES), /header expected JSON/),
    file(
      'a network of 4 MB of escapes',
      own({ version: '1', network: ESCAPES.slice(0, 1e6) }),
      /network: header expected JSON/,
    ),
    file('a network that is none', own({ version: '1', network: '{"padding":"x"}' }), /frontEnd expected/),
    file(
      'a network without its tensors',
      own({ version: '1', network: JSON.stringify(NETWORK) }),
      /"frameLayers\.0\.kernel", got none/,
    ),
  ];
}

/** A key that does not end. */
const ESCAPES = `{"${'\\"'.repeat(2e6)}`;
const KALDI = { kind: 'kaldi', sampleRate: 16000, nMels: 30, fMin: 20, fMax: 7600, cmnWindow: 300, vad: true };
const LARGEST_MFCC = { name: 'mfcc', options: { nFft: 32749, nMels: 512, nMfcc: 512 } };
const SPECTROGRAM = { name: 'spectrogram', options: { nFft: 32768 } };
const many = (count: number, feature: object): object => ({ features: new Array(count).fill(feature) });
const LAYER = { name: 'a', inputs: 2, outputs: 2, slope: 0, norm: false };
const NETWORK = {
  frontEnd: { kind: 'speechbrain' },
  padding: 'zeros',
  short: 'refuse',
  leastFrames: 2,
  chunkFrames: null,
  frameLayers: [{ ...LAYER, offsets: [0] }],
  pooling: { deviation: 'unbiased', added: 0, floor: 0 },
  segmentLayers: [{ ...LAYER, inputs: 4, slope: null }],
};

function ownFiles(): HostileFile[] {
  const file = (name: string, bytes: Uint8Array, says: RegExp): HostileFile => ({ name: `own: ${name}`, bytes, says });
  const of = (change: object, payload = 0, values: unknown = 'float32'): Uint8Array =>
    ownFileOf({ values, network: { ...NETWORK, ...change } }, payload);
  const frame = (change: object): Uint8Array => of({ frameLayers: [{ ...LAYER, offsets: [0], ...change }] });
  const ownFront = (config: object, more: object = {}): Uint8Array =>
    of({ frontEnd: { kind: 'ser-kit', config: { sampleRate: 16000, normalizeLevel: true, ...config }, ...more } });
  const mfcc = (options: object): object => ({ features: [{ name: 'mfcc', options }] });
  return [
    file('its magic alone', bytesOf('ser-kit xvector\n'), /expected at least 32 bytes, got 16/),
    file('a newer version', ownFileOf({}, 0, 2), /version expected at most 1, got 2/),
    file('version 0', ownFileOf({}, 0, 0), /expected version 1/),
    file(
      'a payload of 4 GB',
      bytesOf('ser-kit xvector\n', little(1, 4), little(0, 4), little(0xffffffff, 4), little(0, 4)),
      /expected 4294967327 bytes/,
    ),
    file('a header that is no JSON', ownFileOf('{"values'), /header expected JSON/),
    file('a header that is a list', ownFileOf([]), /expected/),
    file('values of no kind', of({}, 0, 'int4'), /values expected "float32" \| "float16" \| "int8", got "int4"/),
    file('fewer numbers than its layers', of({}, 8), /expected 64 bytes of numbers for its layers, got 8/),
    file('layers of 2^16 by 2^16', frame({ inputs: 65536, outputs: 65536 }), /bytes of numbers for its layers, got 0/),
    file('a layer of 2^40 outputs', frame({ outputs: 2 ** 40 }), /outputs expected <= 65536/),
    file(
      'a million layers',
      of({ segmentLayers: new Array(20_000).fill(LAYER) }),
      /segmentLayers expected at most 64 items/,
    ),
    file('a million offsets', frame({ offsets: new Array(100_000).fill(0) }), /offsets expected at most 1000 items/),
    file('a layer of no inputs', frame({ inputs: 0 }), /inputs expected > 0/),
    file('no layers', of({ frameLayers: [] }), /frameLayers expected at least 1 item/),
    file('offsets of fractions', frame({ offsets: [0.5] }), /offsets\[0\] expected a whole number/),
    file(
      'layers that do not fit',
      of({ segmentLayers: [{ ...LAYER, inputs: 5, slope: null }] }, 4 * (4 + 2 + 10 + 2)),
      /inputs expected 4, got 5/,
    ),
    file(
      'offsets that descend',
      of({ frameLayers: [{ ...LAYER, offsets: [1, 0] }] }, 4 * (8 + 2 + 8 + 2)),
      /offsets expected whole numbers, ascending/,
    ),
    file('padding of no kind', of({ padding: 'mirror' }), /padding expected "reflect" \| "zeros" \| "valid"/),
    file('a front end of no kind', of({ frontEnd: { kind: 'python', code: 'os.system' } }), /frontEnd\.kind expected/),
    file('a front end with more in it', of({ frontEnd: { kind: 'speechbrain', code: 1 } }), /unknown option "code"/),
    file('Kaldi at -1 Hz', of({ frontEnd: { ...KALDI, sampleRate: -1 } }), /sampleRate expected >= 1000/),
    file('a Fourier transform of 2^24', ownFront(mfcc({ nFft: 2 ** 24 })), /nFft expected at most 32768/),
    file('2^30 mel bands', ownFront(mfcc({ nMels: 2 ** 30 })), /nMels expected at most 512/),
    file('a feature that is none', ownFront({ features: [{ name: 'constructor' }] }), /frontEnd: createFrontEnd/),
    file('features of another width', ownFront(mfcc({})), /features of 2 dims, as the first layer has, got 20/),
    file(
      'a standardizer of another width',
      ownFront(mfcc({}), { standardizer: { kind: 'standardizer', version: 2, scope: 'clip', dims: 7 } }),
      /standardizer expected 2 dims/,
    ),
    file(
      '256 features of the largest tables',
      ownFront(many(256, LARGEST_MFCC)),
      /features expected at most 32 items, got 256/,
    ),
    file('32 features of the largest tables', ownFront(many(32, LARGEST_MFCC)), /frames and bands of at most 33554432/),
    file('32 of the longest transforms', ownFront(many(32, SPECTROGRAM)), /frames and bands of at most 33554432/),
    file('as many as may be', ownFront(many(8, SPECTROGRAM)), /features of 2 dims, as the first layer has, got 131080/),
    file(
      'functionals of all of those',
      ownFront({ ...many(8, SPECTROGRAM), functionals: { percentiles: new Array(256).fill(50) } }),
      /functionals expected of at most 4096 dims, got 131080/,
    ),
    file('fewer bands than inputs', of({ frontEnd: { ...KALDI, nMels: 1 } }), /nMels of at least the 2 inputs/),
    file(
      'chunks of fewer frames than a network needs',
      of({ chunkFrames: 1 }, 4 * 16),
      /chunkFrames expected null or at least the 2/,
    ),
    file('a text of 4 MB of escapes', ownFileOf(ESCAPES), /header expected JSON/),
    file('a text of 4 MB of quotes', ownFileOf('"a'.repeat(2e6)), /header expected JSON/),
    file('an endless clip', of({ leastFrames: 2 ** 31 }), /leastFrames expected <= 1048576/),
    file(
      '__proto__ in the card',
      ownFileOf(
        JSON.stringify({ values: 'float32', network: NETWORK }).replace(
          '"padding"',
          '"card":{"__proto__":{"polluted":1}},"padding"',
        ),
      ),
      /no key named "__proto__"/,
    ),
  ];
}

/** Those of Kaldi's, as the others are. What does not begin as Kaldi's files do is refused by parseXvector() itself. */
function kaldiFiles(): HostileFile[] {
  return hostileKaldi.map(({ name, bytes, message }) => {
    const whole = bytes();
    const known = whole[0] === 0 && whole[1] === 'B'.charCodeAt(0);
    return { name: `kaldi: ${name}`, bytes: whole, says: known ? message : /expected/ };
  });
}
