export { openDirectory } from './open-directory.ts';
export { writeDirectory } from './write-directory.ts';
