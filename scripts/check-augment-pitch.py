"""F0 before and after, by librosa 0.11's pyin: called by check-augment.mjs with the list of what it made."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor

import librosa
import numpy as np

# Hz. The pitch shifts of CREMA-D's voices stay within.
F_MIN, F_MAX = 60, 600
RESOLUTION = 0.05
LEAST_VOICED = 20
WITHIN = 0.01
PART = 0.95


def f0(path, rate):
    """F0 and the times of its frames in seconds; nan where unvoiced."""
    y = np.fromfile(path, dtype="<f4").astype(np.float64)
    # 64 ms, in which 60 Hz has nearly four periods.
    frame = 2 ** int(np.ceil(np.log2(0.064 * rate)))
    hop = frame // 8
    track, _, _ = librosa.pyin(
        y, fmin=F_MIN, fmax=F_MAX, sr=rate, frame_length=frame, hop_length=hop, resolution=RESOLUTION
    )
    return track, np.arange(len(track)) * hop / rate


def ratios(job):
    rate = job["sampleRate"]
    before, times = f0(job["before"], rate)
    if np.sum(~np.isnan(before)) < LEAST_VOICED:
        return None
    found = {}
    for case in job["cases"]:
        after, at = f0(case["after"], rate)
        # The frame of the original that lies nearest to the moment which the new frame stands for.
        nearest = np.clip(np.rint(at * case["rate"] / (times[1] - times[0])).astype(int), 0, len(before) - 1)
        ratio = after / before[nearest]
        ratio = ratio[~np.isnan(ratio)]
        found[case["name"]] = np.median(ratio) / case["ratio"] if len(ratio) > 0 else np.nan
    return found


def main():
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    with ProcessPoolExecutor() as pool:
        found = [r for r in pool.map(ratios, asked["jobs"]) if r is not None][: asked["wanted"]]
    failed = False
    print(f"{len(found)} clips with at least {LEAST_VOICED} voiced frames")
    for name in found[0]:
        errors = np.abs(np.array([r[name] for r in found]) - 1)
        part = np.mean(errors <= WITHIN)
        failed |= bool(part < PART)
        print(f"{name}: within 1 % on {100 * part:.0f} % of the clips; median {100 * np.nanmedian(errors):.2f} %, worst {100 * np.nanmax(errors):.2f} %")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
