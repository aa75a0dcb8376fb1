"""librosa's side of bench-corpus.mjs: the measures of fused.v1 on 2 processes, from reading the files on.

20 MFCC and their deltas, ZCR, RMS, pitch and voicing by pyin, spectral centroid, bandwidth, roll-off and flatness, a frame
every 10 ms at 16 kHz. Each line on stdin is one run; the answer is its seconds and the recordings' seconds. Python 3.11,
librosa 0.11.0, soundfile.
"""
import multiprocessing
import sys
import time
from os.path import join

import librosa
import numpy as np
import soundfile

RATE = 16000
HOP = 160


def measures(path):
    samples, rate = soundfile.read(path, dtype="float32")
    if rate != RATE:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
    spectrum = {"n_fft": 512, "win_length": 400, "hop_length": HOP}
    magnitudes = np.abs(librosa.stft(samples, **spectrum))
    mfcc = librosa.feature.mfcc(
        S=librosa.power_to_db(
            librosa.feature.melspectrogram(S=magnitudes**2, sr=RATE, n_fft=512, n_mels=64, fmin=50, fmax=5000), top_db=None
        ),
        n_mfcc=20,
    )
    rows = [
        mfcc,
        librosa.feature.delta(mfcc),
        librosa.feature.zero_crossing_rate(samples, frame_length=512, hop_length=HOP),
        librosa.feature.rms(y=samples, frame_length=512, hop_length=HOP),
        librosa.feature.spectral_centroid(S=magnitudes, sr=RATE),
        librosa.feature.spectral_bandwidth(S=magnitudes, sr=RATE),
        librosa.feature.spectral_rolloff(S=magnitudes, sr=RATE),
        librosa.feature.spectral_flatness(S=magnitudes),
    ]
    f0, _, voiced = librosa.pyin(samples, fmin=65, fmax=500, sr=RATE, frame_length=1024, hop_length=HOP, beta_parameters=(2, 34 / 3))
    rows += [np.nan_to_num(f0)[None], voiced[None]]
    return len(samples) / RATE, float(sum(np.sum(row) for row in rows))


if __name__ == "__main__":
    paths = [join(sys.argv[1], name) for name in sys.argv[2:]]
    with multiprocessing.Pool(2) as pool:
        # Each process compiles and imports what it needs before the first timed run.
        pool.map(measures, paths[:2] * 2, chunksize=1)
        print(f"librosa {librosa.__version__} on 2 processes", flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            done = pool.map(measures, paths, chunksize=1)
            print(time.perf_counter() - start, sum(seconds for seconds, _ in done), flush=True)
