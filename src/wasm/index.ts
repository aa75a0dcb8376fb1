// The door `ser-kit/wasm`. Importing it loads tfjs's wasm backend and registers the kernels, so that one line
// suffices; the call is there for those who want to undo it, or to register again.
import '@tensorflow/tfjs-backend-wasm';
import { registerWasmKernels } from './register.ts';

registerWasmKernels();

export { registerWasmKernels };
