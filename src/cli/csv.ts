/** A line of CSV, as RFC 4180 has it: a field that holds a comma, a quote or the end of a line stands in quotes. */
export function csvLine(fields: readonly (string | number)[]): string {
  return fields.map((field) => (typeof field === 'number' ? String(field) : quoted(field))).join(',');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
