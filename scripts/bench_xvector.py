"""SpeechBrain's side of `npm run bench:xvector`, on one thread: its Fbank, sentence normalisation and Xvector, asked over
stdin. One JSON line a question, one an answer: prepare, features, one, batch (see bench-sides.mjs).
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import logging
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
import speechbrain
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.Xvector import Xvector
from speechbrain.processing.features import InputNormalization

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)
fbank = Fbank(n_mels=24)
normalize = InputNormalization(norm_type="sentence", std_norm=False)
network = Xvector(in_channels=24).eval()
clips = []


def features(batch):
    return normalize(fbank(batch), torch.ones(len(batch)))


def embed(batch):
    return network(features(batch), torch.ones(len(batch)))


def timed(run):
    start, cpu = time.perf_counter(), time.process_time()
    run()
    return {"ms": 1000 * (time.perf_counter() - start), "cpu": 1000 * (time.process_time() - cpu)}


def prepare(question):
    global clips
    clips = 0.3 * (2 * torch.rand(question["clips"], round(16000 * question["seconds"])) - 1)
    return {}


HANDLERS = {
    "prepare": prepare,
    "features": lambda _: timed(lambda: [features(clip[None]) for clip in clips]),
    "one": lambda _: timed(lambda: [embed(clip[None]) for clip in clips]),
    "batch": lambda _: timed(lambda: embed(clips)),
}

about = f"SpeechBrain {speechbrain.__version__}, torch {torch.__version__}, {torch.get_num_threads()} thread"
print(json.dumps({"about": about}), flush=True)
with torch.no_grad():
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = HANDLERS[question["do"]](question)
        except Exception as error:
            answer = {"error": str(error)[:160]}
        print(json.dumps(answer), flush=True)
