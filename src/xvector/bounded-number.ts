import * as z from 'zod/mini';

/** Of what a saved scoring holds: products of two such numbers and an embedding's, squared, are finite. */
const MOST = 1e100;

export const bounded = /* @__PURE__ */ (() => z.number().check(z.minimum(-MOST), z.maximum(MOST)))();
