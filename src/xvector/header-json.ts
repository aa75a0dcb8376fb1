import { quote, SerKitError } from '../core/errors.ts';

/** Deeper than anything that is written here. */
const DEEPEST = 64;

/**
 * The JSON in a file's header, held to what is not left to chance: UTF-8, each key once in its object, none named
 * `__proto__`, and no deeper than 64.
 *
 * @throws SerKitError 'bad-format'
 */
export function parseHeaderJson(who: string, bytes: Uint8Array): unknown {
  const refuse = (expected: string, cause?: unknown): never => {
    throw new SerKitError('bad-format', `${who}: header expected ${expected}`, { cause });
  };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return refuse('JSON in UTF-8, got other bytes', cause);
  }
  checkTokens(text, refuse);
  try {
    return JSON.parse(text);
  } catch (cause) {
    return refuse(`JSON, got ${quote(text.slice(0, 40))}`, cause);
  }
}

/** Looks at brackets and keys alone, each character once; whether it is JSON is JSON.parse()'s to say. */
function checkTokens(text: string, refuse: (expected: string) => never): void {
  /** Of each object that is open the keys so far; of each list null. */
  const open: (Set<string> | null)[] = [];
  /** Where the string before this token begins and ends; undefined where another token came before it. */
  let last: { readonly from: number; readonly to: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    const token = text[at]!;
    if (token === '"') {
      const to = endOfString(text, at);
      last = { from: at, to };
      at = to - 1;
      continue;
    }
    if (!'{}[],:'.includes(token)) continue;
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : null) > DEEPEST)
        refuse(`JSON of a depth of at most ${DEEPEST}, got more`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':' && last !== undefined) {
      const keys = open.at(-1);
      // A key may be written with escapes: "\u0061" is "a".
      const key = unescaped(text.slice(last.from, last.to));
      if (key === '__proto__') refuse('no key named "__proto__", got one');
      if (keys?.has(key)) refuse(`each key once, got ${quote(key)} twice`);
      keys?.add(key);
    }
    last = undefined;
  }
}

/** Behind the quote that ends the string which begins at `from`; the end of the text where none does. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at++;
  }
  return text.length;
}

function unescaped(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token;
  }
}
