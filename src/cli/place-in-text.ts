/** What JSON.parse() says of a text, with the line and column, both from 1. */
export function placeInText(text: string, message: string): string {
  const said = message.replace(/\s+/g, ' ').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  const [, what, at] = /^(.*?) in JSON at position (\d+)/.exec(said) ?? [];
  // Of a token the engine says what it is, and quotes the surroundings in place of a position.
  const short = what ?? said.replace(/, (?:\.\.\.)?".*is not valid JSON$/, '').replace(/ of JSON input$/, '');
  const before = text.slice(0, at === undefined ? wrongAt(text) : Number(at)).split('\n');
  return `${short} at line ${before.length}, column ${before[before.length - 1]!.length + 1}`;
}

const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where a text stops being JSON: at its first character that is none of it, or at its end. */
function wrongAt(text: string): number {
  let at = 0;
  const space = (): void => {
    while (/[ \t\r\n]/.test(text[at] ?? '')) at++;
  };
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const char = (c: string): boolean => {
    space();
    if (text[at] !== c) return false;
    at++;
    return true;
  };
  const list = (end: string, item: () => boolean): boolean => {
    if (char(end)) return true;
    do if (!item()) return false;
    while (char(','));
    return char(end);
  };
  const key = (): boolean => {
    space();
    return take(STRING) && char(':') && value();
  };
  const value = (): boolean => {
    space();
    if (char('[')) return list(']', value);
    if (char('{')) return list('}', key);
    return take(STRING) || take(PLAIN);
  };
  value();
  space();
  return at;
}
