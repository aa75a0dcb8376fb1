"""F0 and formants before and after: called by check-augment.mjs.

    python check-augment.py choose DIR COUNT    prints the names of COUNT recordings of DIR, as JSON
    python check-augment.py measure LIST.json   prints the bars; LIST.json says what check-augment.mjs made

Needs librosa 0.11 and praat-parselmouth 0.4.
"""

import json
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor

import librosa
import numba
import numpy as np
import parselmouth
from parselmouth.praat import call

SEED = 6
WORKERS = 2

# librosa.pyin, Hz. What was shifted is looked for in the same range and, for the bar, in one as much wider as was asked.
F_MIN, F_MAX = 65, 600
RESOLUTION = 0.05
LEAST_VOICED = 20
WITHIN = 0.01
PART = 0.95
SAME_RANGE = ", same range"

# Vowels, in frames of 10 ms: the part within 80 ms of a steady voice whose formants are compared.
SHORTEST, LONGEST = 6, 12
LEAST_HARMONICITY = 10
BELOW_LOUDEST = 20
# Formants are settled where the middle 80 % of an original's frames lie within this share of their median, for both.
SETTLED = 0.2
# Burg's method finds the formants of voices below this F0 in Hz; above, it finds harmonics: see the floor.
LOW = 180
# The floor is taken of twins whose formants Burg's method finds this near to those that they were made with.
ALIKE = 0.1
# What stands on either side of a twin, in s.
MARGIN = 0.06
# What the first and the second formant may move by: the median, the 90th percentile.
FORMANT_BARS = ((0.05, 0.10), (0.03, 0.06))


@numba.njit
def viterbi(log_prob, log_trans, log_p_init):
    """librosa.sequence's _viterbi, about ten times as fast: the same path, as moves that pyin forbids are only weighed
    where they could win."""
    steps, states = log_prob.shape
    least = log_trans.min()
    counts = np.zeros(states, dtype=np.int64)
    for j in range(states):
        for k in range(states):
            counts[j] += log_trans[k, j] > least
    sources = np.zeros((states, counts.max()), dtype=np.int64)
    weights = np.zeros((states, counts.max()))
    for j in range(states):
        i = 0
        for k in range(states):
            if log_trans[k, j] > least:
                sources[j, i] = k
                weights[j, i] = log_trans[k, j]
                i += 1
    pointers = np.zeros((steps, states), dtype=np.uint16)
    value = log_prob[0] + log_p_init
    for t in range(1, steps):
        beyond = value.max() + least
        following = np.empty(states)
        for j in range(states):
            best, at = -np.inf, 0
            for i in range(counts[j]):
                worth = value[sources[j, i]] + weights[j, i]
                if worth > best:
                    best, at = worth, sources[j, i]
            if best <= beyond:
                every = value + log_trans[:, j]
                at = np.argmax(every)
                best = every[at]
            pointers[t, j] = at
            following[j] = log_prob[t, j] + best
        value = following
    path = np.zeros(steps, dtype=np.uint16)
    path[-1] = np.argmax(value)
    for t in range(steps - 2, -1, -1):
        path[t] = pointers[t + 1, path[t + 1]]
    return path, value[path[-1] : path[-1] + 1]


slow_viterbi, librosa.sequence._viterbi = librosa.sequence._viterbi, viterbi


def f0(y, rate, low=F_MIN, high=F_MAX):
    """F0; nan where unvoiced."""
    # 64 ms or more, in which 65 Hz has four periods; frames come every quarter of it, as librosa has them by default.
    frame = 2 ** int(np.ceil(np.log2(0.064 * rate)))
    return librosa.pyin(y, fmin=low, fmax=high, sr=rate, frame_length=frame, resolution=RESOLUTION)[0]


def read(path):
    return np.fromfile(path, "<f4").astype(float)


def praat_shifted(y, rate, steps):
    """Praat's own PSOLA: 'To Manipulation', the pitch tier multiplied, 'Get resynthesis (overlap-add)'."""
    manipulation = call(parselmouth.Sound(y, rate), "To Manipulation", 0.01, 75, 600)
    tier = call(manipulation, "Extract pitch tier")
    if call(tier, "Get number of points") > 0:
        call(tier, "Multiply frequencies", 0, 1e6, 2 ** (steps / 12))
        call([manipulation, tier], "Replace pitch tier")
    out = call(manipulation, "Get resynthesis (overlap-add)").values[0][: len(y)]
    return np.pad(out, (0, len(y) - len(out)))


def vowels(sound):
    """F0, begin and end of the stretches of a clear, steady voice."""
    pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=700)
    track, times = pitch.selected_array["frequency"], pitch.xs()
    harmonicity, intensity = sound.to_harmonicity_cc(0.01, 75, 0.1, 1.0), sound.to_intensity(75)
    least = np.nanmax(intensity.values) - BELOW_LOUDEST
    good = [
        f > 0 and harmonicity.get_value(t) > LEAST_HARMONICITY and intensity.get_value(t) > least
        for f, t in zip(track, times)
    ]
    i = 0
    while i < len(good):
        j = i
        while j < len(good) and good[j] and j - i < LONGEST:
            j += 1
        if j - i >= SHORTEST:
            yield np.median(track[i:j]), times[i], times[j - 1]
        i = max(j, i + 1)


def ceiling_of(pitch):
    return 5000 if pitch < 160 else 5500


def burg(sound, ceiling):
    return sound.to_formant_burg(0.005, 5, ceiling, 0.025, 50)


def frame_times(begin, end):
    return np.arange(begin, end + 1e-9, 0.005)


def floors(y, rate, stretches, ratios):
    """For every stretch and ratio what F1 and F2 of its twin move by, as shares, when the twin is made at `ratio` times the
    F0: what is seen of a change that keeps formants to the last Hz. nan where the twin is not like the stretch."""
    sound = parselmouth.Sound(y, rate)
    contour = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=700)
    found = []
    for pitch, begin, end in stretches:
        track = burg(sound, ceiling_of(pitch))
        resonances = []
        for k in range(1, 6):
            values = [
                (track.get_value_at_time(k, t), track.get_bandwidth_at_time(k, t)) for t in frame_times(begin, end)
            ]
            values = [pair for pair in values if np.all(np.isfinite(pair))]
            if values:
                resonances.append(np.median(values, axis=0))
        times = begin - MARGIN + np.arange(int((end - begin + 2 * MARGIN) * rate)) / rate
        f0s = np.array([contour.get_value_at_time(t) for t in np.clip(times, begin, end)])
        f0s[np.isnan(f0s)] = pitch

        def measured(ratio):
            made = twin(resonances, ratio * f0s, rate)
            return formants(made, rate, [(pitch, MARGIN, MARGIN + end - begin)])[0][:2]

        same = measured(1)
        alike = np.abs(same / [resonance[0] for resonance in resonances[:2]] - 1) < ALIKE
        found.append([np.where(alike, np.abs(measured(ratio) / same - 1), np.nan) for ratio in ratios])
    return found


def twin(resonances, f0s, rate):
    """A vowel of these resonances (Hz, bandwidth) at these F0s, one a sample: harmonics that fall by 6 dB an octave, as a
    glottis and lips leave them, each with the height and phase of the resonances where it lies."""
    phase = 2 * np.pi * np.cumsum(f0s) / rate
    y = np.zeros(len(f0s))
    for k in range(1, int(0.48 * rate / f0s.min()) + 1):
        s = 2j * np.pi * k * f0s
        height = s / (s + 2 * np.pi * 100) ** 2
        for frequency, bandwidth in resonances:
            pole = np.pi * (-bandwidth + 2j * frequency)
            height = height * abs(pole) ** 2 / ((s - pole) * (s - np.conj(pole)))
        y += np.where(k * f0s < 0.48 * rate, np.abs(height) * np.cos(k * phase + np.angle(height)), 0)
    return y / np.abs(y).max()


def formants(y, rate, stretches):
    """The first two formants of every stretch, and their spread: the median over its frames, and how far the middle 80 % lie
    apart, as a share of it; by Burg's method with five formants below the ceiling."""
    sound = parselmouth.Sound(y, rate)
    found = []
    tracks = {}
    for pitch, begin, end in stretches:
        ceiling = ceiling_of(pitch)
        if ceiling not in tracks:
            tracks[ceiling] = burg(sound, ceiling)
        times = frame_times(begin, end)
        parts = [
            np.nanquantile([tracks[ceiling].get_value_at_time(k, t) for t in times], (0.1, 0.5, 0.9)) for k in (1, 2)
        ]
        found.append([parts[0][1], parts[1][1], max((high - low) / middle for low, middle, high in parts)])
    return np.array(found)


def measure(job):
    rate = job["sampleRate"]
    y = read(job["before"])
    ratios, moved = {}, []
    if not job["vowelsOnly"]:
        before = f0(y, rate)
        if np.sum(~np.isnan(before)) < LEAST_VOICED:
            return None

        def compare(name, after, pace, ratio):
            # The frame of the original that lies nearest to the moment which the new frame stands for.
            nearest = np.clip(np.rint(np.arange(len(after)) * pace).astype(int), 0, len(before) - 1)
            found = after / before[nearest] / ratio
            found = found[~np.isnan(found)]
            ratios[name] = float(np.median(found)) if len(found) > 0 else np.nan

        for case in job["cases"]:
            z, ratio = read(case["after"]), case["ratio"]
            compare(case["name"], f0(z, rate, F_MIN * min(1, ratio), F_MAX * max(1, ratio)), case["rate"], ratio)
            if ratio != 1:
                compare(f"{case['name']}{SAME_RANGE}", f0(z, rate), case["rate"], ratio)

    stretches = [] if job["pitchOnly"] else list(vowels(parselmouth.Sound(y, rate)))
    kept = formants(y, rate, stretches)
    cases = [case for case in job["cases"] if case["kept"] and stretches]
    least = floors(y, rate, stretches, [case["ratio"] for case in cases])
    for i, case in enumerate(cases):
        ours = formants(read(case["after"]), rate, stretches)
        theirs = formants(praat_shifted(y, rate, 12 * np.log2(case["ratio"])), rate, stretches)
        for (pitch, _, _), own, our, their, floor in zip(stretches, kept, ours, theirs, least):
            moves = [np.abs(each[:2] / own[:2] - 1) for each in (our, their)]
            moved.append((pitch, own[2], *moves[0], *moves[1], *floor[i]))
    return job["clip"], ratios, moved


def report_pitch(found):
    failed = False
    print(
        f"F0 by librosa.pyin, {F_MIN} to {F_MAX} Hz and, for what was shifted, as much lower or higher; {len(found)} clips"
        f" with at least {LEAST_VOICED} voiced frames; bar: within {100 * WITHIN:.0f} % on {100 * PART:.0f} % of them"
    )
    for name in found[0][1]:
        errors = np.array([abs(ratios[name] - 1) for _, ratios, _ in found])
        errors[np.isnan(errors)] = np.inf
        part = np.mean(errors <= WITHIN)
        failed |= bool(not name.endswith(SAME_RANGE) and part < PART)
        worst = sorted(((e, clip) for (clip, _, _), e in zip(found, errors) if e > WITHIN), reverse=True)
        beyond = ", ".join(f"{clip} {100 * e:.1f} %" for e, clip in worst) or "none"
        print(f"{name:32} {100 * part:5.1f} %; beyond: {beyond}")
    return failed


def report_formants(moved):
    failed = False
    print("formants of vowels where they are kept, moved by: ours | Praat's overlap-add | the floor | bar; median and 90th percentile")
    low, settled = moved[:, 0] < LOW, moved[:, 1] < SETTLED
    for title, some in (
        (f"F0 below {LOW} Hz, settled", low & settled),
        (f"F0 below {LOW} Hz", low),
        (f"F0 from {LOW} Hz on, settled", ~low & settled),
        (f"F0 from {LOW} Hz on", ~low),
        ("any F0, settled", settled),
    ):
        for k, bar in enumerate(FORMANT_BARS):
            ours, theirs, floor = (
                [np.nanmedian(moved[some, c]), np.nanquantile(moved[some, c], 0.9)] for c in (2 + k, 4 + k, 6 + k)
            )
            failed |= bool(np.array_equal(some, low & settled) and (ours[0] > bar[0] or ours[1] > bar[1]))
            shown = " | ".join(f"{100 * a:4.1f} {100 * b:5.1f} %" for a, b in (ours, theirs, floor, bar))
            print(f"F{k + 1}, {title:28} ({np.sum(some):4}): {shown}")
    return failed


def main(command, *args):
    if command == "choose":
        folder, count = args
        names = sorted(name for name in os.listdir(folder) if name.endswith(".wav"))
        random.Random(SEED).shuffle(names)
        print(json.dumps(names[: int(count)]))
        return
    with open(args[0]) as file:
        asked = json.load(file)
    sample = read(asked["jobs"][0]["before"]), asked["jobs"][0]["sampleRate"]
    fast = f0(*sample)
    librosa.sequence._viterbi = slow_viterbi
    assert np.array_equal(fast, f0(*sample), equal_nan=True)
    librosa.sequence._viterbi = viterbi
    with ProcessPoolExecutor(WORKERS) as pool:
        found = [r for r in pool.map(measure, asked["jobs"]) if r is not None]
    failed, half = False, asked.get("half")
    if half != "formants":
        failed = report_pitch([r for r in found if r[1]][: asked["wanted"]])
    if half != "pitch":
        failed = report_formants(np.array([row for _, _, rows in found for row in rows])) or failed
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
