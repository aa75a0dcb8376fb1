"""PyTorch's side of `npm run bench:training`, on one thread: the networks of bench-models.mjs, asked over stdin.

One JSON line a question, one an answer: prepare, train, predict, clip, forget, memory (see bench-sides.mjs).
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import torch
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)
CLASSES = 6


class Recurrent(nn.Module):
    """A recurrent layer's last state (both directions', where there are two) and dense layers."""

    def __init__(self, layer, head):
        super().__init__()
        self.layer = layer
        self.head = head

    def forward(self, x):
        sequence, state = self.layer(x)
        hidden = state[0] if isinstance(state, tuple) else state
        last = torch.cat((hidden[0], hidden[1]), 1) if hidden.shape[0] == 2 else hidden[0]
        return self.head(last)


class ConvolutionsThenLstm(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv1d(dims, 64, 5, padding=2), nn.ReLU(), nn.BatchNorm1d(64), nn.MaxPool1d(2),
            nn.Conv1d(64, 128, 5, padding=2), nn.ReLU(), nn.BatchNorm1d(128), nn.MaxPool1d(2),
        )  # fmt: skip
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.head = nn.Linear(128, CLASSES)

    def forward(self, x):
        y = self.convolutions(x.transpose(1, 2)).transpose(1, 2)
        return self.head(self.lstm(y)[1][0][0])


class Convolutions2d(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for filters in (16, 32, 64):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters), nn.MaxPool2d(2)]
            channels = filters
        self.convolutions = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))

    def forward(self, x):
        return self.head(self.convolutions(x.unsqueeze(1)).mean((2, 3)))


def dense(*widths):
    layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())]
    return layers + [nn.Linear(widths[-1], CLASSES)]


BUILDERS = {
    "rnn": lambda f: Recurrent(nn.RNN(f, 256, batch_first=True), nn.Sequential(*dense(256, 128, 64))),
    "lstm": lambda f: Recurrent(nn.LSTM(f, 128, batch_first=True), nn.Sequential(nn.Dropout(0.3), *dense(128, 64))),
    "gru": lambda f: Recurrent(nn.GRU(f, 128, batch_first=True), nn.Sequential(nn.Dropout(0.3), *dense(128, 64))),
    "bilstm": lambda f: Recurrent(
        nn.LSTM(f, 64, batch_first=True, bidirectional=True), nn.Sequential(nn.Dropout(0.3), *dense(128))
    ),
    "crnn": ConvolutionsThenLstm,
    "cnn2d": lambda f: Convolutions2d(),
}
models = {}


def timed(repeats, run):
    ms = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        ms.append((time.perf_counter() - began) * 1e3)
    return {"ms": ms}


def step(key):
    network, optimizer, x, y = models[key]
    network.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(network(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def infer(key, clips):
    network, _, x, _ = models[key]
    network.eval()
    with torch.no_grad():
        return torch.softmax(network(x[:clips]), 1).numpy()


def prepare(key, model, frames, dims, batch, **_):
    network = BUILDERS[model](dims)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    models[key] = (network, optimizer, torch.randn(batch, frames, dims), torch.arange(batch) % CLASSES)
    step(key)
    infer(key, batch)
    infer(key, 1)
    return {}


def memory():
    try:
        with open("/proc/self/status") as status:
            return {"peak": next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024}
    except OSError:
        import resource

        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


HANDLERS = {
    "prepare": prepare,
    "train": lambda key, repeats: timed(repeats, lambda: step(key)),
    "predict": lambda key, repeats: timed(repeats, lambda: infer(key, None)),
    "clip": lambda key, repeats: timed(repeats, lambda: infer(key, 1)),
    "forget": lambda key: models.pop(key, None) and {} or {},
    "memory": memory,
}

if __name__ == "__main__":
    print(json.dumps({"about": f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread"}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = HANDLERS[question.pop("do")](**question)
        except Exception as error:  # the other sides go on
            answer = {"error": str(error)[:160]}
        print(json.dumps(answer), flush=True)
