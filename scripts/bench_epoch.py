"""PyTorch's side of `npm run bench:epoch`, on one thread: bench_epoch.py FOLDER, where FOLDER holds the batches.

One JSON line a question, one an answer: prepare, train, memory (see bench-sides.mjs). The networks have the layers of
ser-kit's buildLstm and buildCnnLstm; frames of padding are left out of the average over a clip, and nowhere else.
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy
import torch
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)

folder = sys.argv[1]
with open(os.path.join(folder, "batches.json")) as file:
    listed = json.load(file)
DIMS, CLASSES = listed["dims"], listed["classes"]
data = numpy.fromfile(os.path.join(folder, "batches.f32"), dtype=numpy.float32)


def average(sequence, lengths):
    """The mean of each clip's own frames."""
    mask = (torch.arange(sequence.shape[1])[None, :] < lengths[:, None]).unsqueeze(2).to(sequence.dtype)
    return (sequence * mask).sum(1) / lengths[:, None].clamp(min=1)


class Network(nn.Module):
    def __init__(self, filters=(), units=128, pool=2):
        super().__init__()
        self.front = nn.Dropout(0.1)
        layers, channels = [], DIMS
        for i, width in enumerate(filters):
            layers += [nn.Conv1d(channels, width, 5, padding=2, bias=False), nn.BatchNorm1d(width), nn.ReLU()]
            layers += [nn.MaxPool1d(pool, ceil_mode=True)]
            layers += [nn.Dropout(0.3)] if i < len(filters) - 1 else []
            channels = width
        self.convolutions = nn.Sequential(*layers)
        self.shrink = pool ** len(filters)
        self.lstm = nn.LSTM(channels, units, batch_first=True)
        self.head = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(units, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, CLASSES)
        )

    def forward(self, x, lengths):
        x = self.front(x)
        if len(self.convolutions) > 0:
            x = self.convolutions(x.transpose(1, 2)).transpose(1, 2)
            lengths = torch.div(lengths + self.shrink - 1, self.shrink, rounding_mode="floor")
        return self.head(average(self.lstm(x)[0], lengths))


BUILDERS = {"lstm": lambda: Network(), "cnn-lstm": lambda: Network(filters=(64, 128))}
network = optimizer = None


def step(batch):
    begin, clips, frames = batch["offset"], batch["clips"], batch["frames"]
    x = torch.from_numpy(data[begin : begin + clips * frames * DIMS].reshape(clips, frames, DIMS))
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(network(x, torch.tensor(batch["lengths"])), torch.tensor(batch["labels"]))
    loss.backward()
    optimizer.step()
    return loss.item()


def prepare(model):
    global network, optimizer
    network = BUILDERS[model]()
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    step(listed["batches"][0])
    network.load_state_dict(weights)
    return {}


def train(begin, end):
    began = time.perf_counter()
    loss = sum(step(batch) for batch in listed["batches"][begin:end])
    return {"ms": (time.perf_counter() - began) * 1e3, "loss": loss}


def memory():
    try:
        with open("/proc/self/status") as status:
            return {"peak": next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024}
    except OSError:
        import resource

        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


HANDLERS = {"prepare": prepare, "train": train, "memory": memory}

print(json.dumps({"about": f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread"}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = HANDLERS[question.pop("do")](**question)
    except Exception as error:
        answer = {"error": str(error)[:160]}
    print(json.dumps(answer), flush=True)
