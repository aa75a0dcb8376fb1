"""The Python side of bench-augment.mjs: one JSON line a question, one an answer.

Started with the library ('audiomentations' or 'torch-audiomentations') and the folder that holds clips.f32, clips.json
and the WAV files. Each row's peer does the like of ser-kit's transform, with ranges as near as it has them, at p = 1.
"""
import json
import random
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
library, folder = sys.argv[1:3]
with open(f"{folder}/clips.json") as file:
    described = json.load(file)
RATE, DIMS = described["sampleRate"], 40
together = np.fromfile(f"{folder}/clips.f32", dtype=np.float32)
clips = {
    name: [together[at : at + length].copy() for at, length in places] for name, places in described["sets"].items()
}
random.seed(1)
np.random.seed(1)
BACKGROUND, RESPONSE = f"{folder}/background.wav", f"{folder}/response.wav"


def make_audiomentations():
    import audiomentations as a

    def colour(decay):
        return lambda: a.AddColorNoise(5.0, 40.0, decay, decay, p=1.0)

    peers = {
        "addNoise white": lambda: a.AddGaussianSNR(5.0, 40.0, p=1.0),
        "addNoise pink": colour(-3.01),
        "addNoise brown": colour(-6.02),
        "addBackground": lambda: a.AddBackgroundNoise(BACKGROUND, p=1.0),
        "timeStretch wsola": lambda: a.TimeStretch(0.8, 1.25, leave_length_unchanged=False, p=1.0),
        "timeStretch phaseVocoder": lambda: a.TimeStretch(0.8, 1.25, leave_length_unchanged=False, p=1.0),
        "pitchShift move": lambda: a.PitchShift(-4, 4, p=1.0),
        "pitchShift keep": lambda: a.PitchShift(-4, 4, p=1.0),
        "changeSpeed": lambda: a.Resample(int(0.8 * RATE), int(1.25 * RATE), p=1.0),
        "reverb made": lambda: a.RoomSimulator(p=1.0),
        "reverb given": lambda: a.ApplyImpulseResponse(RESPONSE, p=1.0),
        "gain": lambda: a.Gain(p=1.0),
        "shift": lambda: a.Shift(p=1.0),
        "clip": lambda: a.ClippingDistortion(p=1.0),
        "telephone": lambda: a.BandPassFilter(p=1.0),
        "muLaw": lambda: a.BitCrush(p=1.0),
        "lowPass": lambda: a.LowPassFilter(p=1.0),
        "highPass": lambda: a.HighPassFilter(p=1.0),
        "crop": lambda: a.AdjustDuration(duration_seconds=2.0, p=1.0),
        "pad": lambda: a.AdjustDuration(duration_seconds=12.0, p=1.0),
    }

    def prepare(row):
        augment = peers[row]()
        return type(augment).__name__, clips, lambda y: augment(samples=y, sample_rate=RATE)

    return f"audiomentations {a.__version__}", peers, prepare


def make_torch():
    import torch
    import torch_audiomentations as t
    import torchaudio
    from importlib.metadata import version

    torch.set_num_threads(1)
    options = dict(p=1.0, sample_rate=RATE, output_type="tensor")

    def colour(decay):
        return lambda: t.AddColoredNoise(5.0, 40.0, decay, decay, **options)

    peers = {
        "addNoise white": colour(0.0),
        "addNoise pink": colour(1.0),
        "addNoise brown": colour(2.0),
        "addBackground": lambda: t.AddBackgroundNoise(BACKGROUND, **options),
        "pitchShift move": lambda: t.PitchShift(**options),
        "pitchShift keep": lambda: t.PitchShift(**options),
        "reverb given": lambda: t.ApplyImpulseResponse(RESPONSE, **options),
        "gain": lambda: t.Gain(-12.0, 12.0, **options),
        "shift": lambda: t.Shift(**options),
        "telephone": lambda: t.BandPassFilter(**options),
        "lowPass": lambda: t.LowPassFilter(**options),
        "highPass": lambda: t.HighPassFilter(**options),
        # torchaudio's, twice, as ser-kit's default is two masks.
        "maskTime": lambda: torchaudio.transforms.TimeMasking(30, p=0.2),
        "maskFrequency": lambda: torchaudio.transforms.FrequencyMasking(8),
    }

    def prepare(row):
        augment = peers[row]()
        if row.startswith("mask"):
            inputs = {
                name: [torch.zeros(1, DIMS, round(len(y) / (RATE / 100))) for y in each] for name, each in clips.items()
            }
            return f"torchaudio {type(augment).__name__}", inputs, lambda x: augment(augment(x))
        inputs = {name: [torch.from_numpy(y)[None, None] for y in each] for name, each in clips.items()}

        def run(x):
            with torch.inference_mode():
                return augment(x)

        return type(augment).__name__, inputs, run

    name = f"torch-audiomentations {version('torch-audiomentations')}, torch {torch.__version__}"
    return name, peers, prepare


about, peers, prepare = make_torch() if library == "torch-audiomentations" else make_audiomentations()
print(json.dumps({"about": f"{about}, numpy {np.__version__}, Python {sys.version.split()[0]}"}), flush=True)
inputs, run = None, None


def answer(question):
    global inputs, run
    if question["do"] == "prepare":
        if question["row"] not in peers:
            return {"peer": None}
        peer, inputs, run = prepare(question["row"])
        return {"peer": peer}
    # As on the other side: CPU time of all of this process's threads.
    passes, start = 0, time.process_time()
    while True:
        for each in inputs[question["set"]]:
            run(each)
        passes += 1
        taken = time.process_time() - start
        if taken * 1000 >= question["ms"]:
            return {"ms": taken * 1000 / passes}


for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:  # one peer that fails leaves the others
        said = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:160]}
    print(json.dumps(said), flush=True)
