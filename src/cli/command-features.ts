import type { Command } from 'commander';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { logMel } from '../features/log-mel.ts';
import { mfcc } from '../features/mfcc.ts';
import { rms } from '../features/rms.ts';
import { spectrogram } from '../features/spectrogram.ts';
import { zcr } from '../features/zcr.ts';
import type { Act } from './act.ts';
import { EXIT, WrongUse } from './failure.ts';
import { choiceOption } from './options.ts';
import { readRecording } from './read-recording.ts';
import type { Terminal } from './terminal.ts';

const FEATURES: Readonly<Record<string, (waveform: Waveform, options?: never) => FeatureMatrix>> = {
  mfcc,
  'log-mel': logMel,
  logMel,
  spectrogram,
  zcr,
  rms,
};

export function addFeaturesCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('features')
    .description("features of one recording, by librosa's definitions: CSV, one frame a line")
    .argument('<file>', 'a WAV file')
    .addOption(choiceOption('--feature <name>', 'which', Object.keys(FEATURES), 'mfcc'))
    .option(
      '--set <option=value...>',
      'options by their names in the library, after the file: --set nMfcc=13 hopLength=160 center=false',
    )
    .option('--json', 'one JSON value on stdout: names, frames, dims and data, row-major')
    .action(
      act(async (file: string, options: { feature: string; set?: string[]; json?: true }) => {
        const waveform = await readRecording(file);
        const settings = Object.fromEntries((options.set ?? []).map(parseSetting));
        const matrix = FEATURES[options.feature]!(waveform, settings as never);
        const { frames, dims, data } = matrix;
        const names = matrix.names ?? Array.from({ length: dims }, (_, i) => String(i));
        if (options.json) {
          terminal.out(`${JSON.stringify({ names, frames, dims, data: Array.from(data) })}\n`);
          return EXIT.good;
        }
        const rows = Array.from({ length: frames }, (_, t) =>
          Array.from(data.subarray(t * dims, (t + 1) * dims)).join(','),
        );
        terminal.out(`${[names.join(','), ...rows].join('\n')}\n`);
        return EXIT.good;
      }),
    );
}

/** 'nMfcc=13' -> ['nMfcc', 13]; values are JSON where they can be, text otherwise. */
function parseSetting(text: string): [string, unknown] {
  const cut = text.indexOf('=');
  if (cut < 1) throw new WrongUse(`--set expected option=value, got ${text}`);
  const value = text.slice(cut + 1);
  try {
    return [text.slice(0, cut), JSON.parse(value)];
  } catch {
    return [text.slice(0, cut), value];
  }
}
