// Here too, for the command line, which has no door to src/models.
export { inWordsOfMemory } from '../models/out-of-memory.ts';
