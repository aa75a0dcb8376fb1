// The door `ser-kit/features/voice`: measures of the voice over a whole recording.
export { type VoiceQuality, type VoiceQualityOptions, voiceQuality } from './voice-quality.ts';
