// The door `ser-kit/features/xvector/compact`: the weights of a small x-vector network, which only who imports it pays for.

export { compactXvector } from './compact-xvector.ts';
