// Columns of text tables count characters (code points), as Python's str.format does, where padStart counts code units.

export function textWidth(text: string): number {
  return [...text].length;
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}
