"""The librosa side of bench-features.mjs: reads rounds from stdin, answers each with the seconds it took.

Started with the folder that holds clips.f32 and long.f32 (float32 samples at 16 kHz).
"""
import sys
import time

import librosa
import numpy as np

RATE, CLIP = 16000, 48000
OPTIONS = dict(sr=RATE, n_mfcc=13, n_fft=512, win_length=400, hop_length=160, n_mels=40)

clips = np.fromfile(f"{sys.argv[1]}/clips.f32", dtype=np.float32).reshape(-1, CLIP)
long = np.fromfile(f"{sys.argv[1]}/long.f32", dtype=np.float32)


def run(what):
    start = time.perf_counter()
    if what == "clips":
        for clip in clips:
            last = librosa.feature.mfcc(y=clip, **OPTIONS)
    else:
        last = librosa.feature.mfcc(y=long, **OPTIONS)
    return time.perf_counter() - start, float(last.sum(dtype=np.float64))


print(f"librosa {librosa.__version__}, numpy {np.__version__}", flush=True)
for line in sys.stdin:
    seconds, total = run(line.strip())
    print(f"{seconds} {total}", flush=True)
