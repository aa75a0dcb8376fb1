import { encodePng } from './png.ts';

/** A colour for every byte. */
export type Palette = readonly (readonly [number, number, number])[];

/** White to black, as spectrograms are printed. */
export const GREYS: Palette = Array.from({ length: 256 }, (_, i) => [255 - i, 255 - i, 255 - i] as const);

/** Blue below, white in the middle, red above. */
export const BLUE_TO_RED: Palette = Array.from({ length: 256 }, (_, i) => {
  const way = (i - 127.5) / 127.5; // -1 to 1
  const fade = (end: number): number => Math.round(255 + (end - 255) * Math.abs(way));
  return way < 0 ? ([fade(20), fade(80), fade(170)] as const) : ([fade(180), fade(30), fade(30)] as const);
});

/** What is drawn: `value(column, row)`, row 0 at the bottom. */
export interface HeatMap {
  readonly columns: number;
  readonly rows: number;
  readonly value: (column: number, row: number) => number;
  /** The values that get the palette's first and last colour. */
  readonly range: readonly [number, number];
  readonly palette: Palette;
}

/** More columns than a page has pixels say nothing: several become one, their mean. */
const MOST_COLUMNS = 1600;

/** As the address of a PNG picture that an image element takes. */
export function heatMapUrl({ columns, rows, value, range, palette }: HeatMap): string {
  const width = Math.min(columns, MOST_COLUMNS);
  const pixels = new Uint8Array(width * rows);
  const [low, high] = range;
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * columns) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * columns) / width));
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let column = from; column < to; column++) sum += value(column, row);
      const share = high > low ? (sum / (to - from) - low) / (high - low) : 0;
      pixels[(rows - 1 - row) * width + x] = Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  }
  return `data:image/png;base64,${base64(encodePng({ width, height: rows, pixels, palette }))}`;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
