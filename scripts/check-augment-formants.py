"""How far formants move where pitchShift keeps them: Praat's Burg LPC (parselmouth 0.4) on vowels of real clips.

    python check-augment-formants.py DIR

DIR holds list.json ({ "rate": Hz, "clips": [name] }) and, as raw float32, NAME.in.f32 and NAME.keep.S.f32 for S in -4, -2,
2, 4 semitones. A vowel is 60 to 120 ms of a voice of at least 10 dB harmonicity, within 20 dB of the clip's loudest; its
formant is the median over it. Above about 180 Hz Burg's method finds harmonics rather than formants, so those are apart.
"""

import json
import sys
from pathlib import Path

import numpy as np
import parselmouth

STEPS = (-4, -2, 2, 4)


def vowels(sound):
    pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=700)
    f0, times = pitch.selected_array["frequency"], pitch.xs()
    harmonicity, intensity = sound.to_harmonicity_cc(0.01, 75, 0.1, 1.0), sound.to_intensity(75)
    least = np.nanmax(intensity.values) - 20
    good = [f > 0 and harmonicity.get_value(t) > 10 and intensity.get_value(t) > least for f, t in zip(f0, times)]
    i = 0
    while i < len(good):
        j = i
        while j < len(good) and good[j] and j - i < 12:
            j += 1
        if j - i >= 6:
            yield np.median(f0[i:j]), times[i], times[j - 1]
        i = max(j, i + 1)


def formant(track, number, begin, end):
    return np.nanmedian([track.get_value_at_time(number, t) for t in np.arange(begin, end + 1e-9, 0.005)])


def main(folder):
    listed = json.loads((folder / "list.json").read_text())
    read = lambda name: parselmouth.Sound(np.fromfile(folder / name, "<f4").astype(float), listed["rate"])
    moved = []
    for name in listed["clips"]:
        sound = read(f"{name}.in.f32")
        found = list(vowels(sound))
        for ceiling in {5000 if f0 < 160 else 5500 for f0, _, _ in found}:
            burg = lambda s: s.to_formant_burg(0.005, 5, ceiling, 0.025, 50)
            before = burg(sound)
            for step in STEPS:
                after = burg(read(f"{name}.keep.{step}.f32"))
                for f0, begin, end in found:
                    if (5000 if f0 < 160 else 5500) == ceiling:
                        shift = [abs(formant(after, k, begin, end) / formant(before, k, begin, end) - 1) for k in (1, 2)]
                        moved.append((f0, step, *shift))
    moved = np.array(moved)
    for title, some in (("below 180 Hz", moved[:, 0] < 180), ("from 180 Hz on", moved[:, 0] >= 180)):
        for k in (1, 2):
            part = moved[some, 1 + k]
            print(f"F{k} {title}: median {np.nanmedian(part):.3f}, 90th percentile {np.nanquantile(part, 0.9):.3f} ({len(part)})")


main(Path(sys.argv[1]))
