/** What JSON.parse() says of a text: a position as line and column, both from 1; else with the surroundings that it quotes. */
export function placeInText(text: string, message: string): string {
  const said = message.replace(/\s+/g, ' ').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  const [, what, at] = /^(.*?) in JSON at position (\d+)/.exec(said) ?? [];
  if (what === undefined) return said;
  const before = text.slice(0, Number(at)).split('\n');
  return `${what} at line ${before.length}, column ${before[before.length - 1]!.length + 1}`;
}
