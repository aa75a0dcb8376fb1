import { quote, SerKitError } from '../core/errors.ts';

/** Deeper than anything that is written here. */
const DEEPEST = 64;

// A string with its escapes, or one bracket, comma or colon.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

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

/** Looks at brackets and keys alone; whether it is JSON is JSON.parse()'s to say. */
function checkTokens(text: string, refuse: (expected: string) => never): void {
  /** Of each object that is open the keys so far; of each list null. */
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : null) > DEEPEST)
        refuse(`JSON of a depth of at most ${DEEPEST}, got more`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':' && last.startsWith('"')) {
      const keys = open.at(-1);
      // A key may be written with escapes: "a" is "a".
      const key = unescaped(last);
      if (key === '__proto__') refuse('no key named "__proto__", got one');
      if (keys?.has(key)) refuse(`each key once, got ${quote(key)} twice`);
      keys?.add(key);
    }
    last = token;
  }
}

function unescaped(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token;
  }
}
