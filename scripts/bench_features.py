"""The Python side of bench-features.mjs: reads requests from stdin, answers each on one line.

Started with the folder that holds clips.f32 and long.f32 (float32 samples at 16 kHz). Requests:
  TOOL clips|long      CPU seconds taken, and the sum of the last matrix
  matrix mfcc|logmel   librosa's [frames, dims] matrix of the first clip, as base64 of float64
"""
import base64
import json
import sys
import time

import numpy as np

RATE, CLIP = 16000, 48000
STFT = dict(n_fft=512, win_length=400, hop_length=160, n_mels=40)

clips = np.fromfile(f"{sys.argv[1]}/clips.f32", dtype=np.float32).reshape(-1, CLIP)
long = np.fromfile(f"{sys.argv[1]}/long.f32", dtype=np.float32)
tools, versions = {}, {"python": sys.version.split()[0], "numpy": np.__version__}

try:
    import librosa

    tools["librosa"] = lambda y: librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13, **STFT)
    versions["librosa"] = librosa.__version__
except ImportError:
    pass

try:
    import torch
    import torchaudio

    torch.set_num_threads(1)
    transform = torchaudio.transforms.MFCC(sample_rate=RATE, n_mfcc=13, melkwargs=STFT)

    def with_torchaudio(y):
        with torch.inference_mode():
            return transform(torch.from_numpy(y)).numpy()

    tools["torchaudio"] = with_torchaudio
    versions["torchaudio"] = torchaudio.__version__
except ImportError:
    pass


def run(tool, what):
    start = time.process_time()
    for signal in clips if what == "clips" else [long]:
        last = tools[tool](signal)
    return f"{time.process_time() - start} {float(last.sum(dtype=np.float64))}"


def matrix(what):
    y = clips[0].astype(np.float64)
    if what == "mfcc":
        values = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13, **STFT)
    else:
        values = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=RATE, **STFT))
    return base64.b64encode(np.ascontiguousarray(values.T, dtype=np.float64).tobytes()).decode()


print(json.dumps(versions), flush=True)
for line in sys.stdin:
    name, what = line.split()
    print(matrix(what) if name == "matrix" else run(name, what), flush=True)
