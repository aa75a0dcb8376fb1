// Control characters, halves of a character, and two code points that are none.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be replaced
const NOT_XML = /\p{Surrogate}|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu;

/** Text as it may stand inside an SVG element or attribute; characters that XML does not know become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}

/** A number as it stands in an SVG: at most two decimals, or as many digits where it is small. */
export function at(value: number): string {
  return String(Math.abs(value) >= 0.1 ? Math.round(value * 100) / 100 : Number(value.toPrecision(2)));
}

/** About how wide a text is in pixels, in the picture's sans-serif fonts: on the wide side, bold or not. */
export function textWidth(text: string, fontSize: number): number {
  return Math.ceil([...text].length * fontSize * 0.58);
}

/** A whole picture on white, with the fonts that every system has. */
export function svgDocument(width: number, height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}
