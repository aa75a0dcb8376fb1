// The door `ser-kit`: the shared words, and bytes to waveform and back.

export { resample } from './audio/resample.ts';
export { createResampler, type ResampleStream } from './audio/resample-stream.ts';
export { decodeWav, readWavInfo, type WavInfo } from './audio/wav-reader.ts';
export { type EncodeWavOptions, encodeWav } from './audio/wav-writer.ts';
export * from './core/index.ts';
