"""SpeechBrain's side of check-xvector.mjs.

    python check-xvector.py DIR COUNT

Writes to DIR embedding_model.ckpt, SpeechBrain's full-size Xvector with random weights and random batch norms, and of each
I.f32 there (float32 at 16 kHz) I.features.f32 and I.embedding.f32. Needs speechbrain 1.1.2 and torch 2.8.
"""

import logging
import pathlib
import sys
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
import numpy as np
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.Xvector import Xvector
from speechbrain.nnet.pooling import StatisticsPooling
from speechbrain.processing.features import InputNormalization

StatisticsPooling._get_gauss_noise = lambda self, shape, device="cpu": torch.zeros(shape, device=device)
torch.set_num_threads(1)
torch.manual_seed(7)

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
network = Xvector(in_channels=24).eval()
for module in network.modules():
    if isinstance(module, torch.nn.BatchNorm1d):
        torch.nn.init.uniform_(module.weight, 0.3, 1.7)
        torch.nn.init.uniform_(module.bias, -1, 1)
        module.running_mean.uniform_(-0.5, 1)
        module.running_var.uniform_(0.2, 3)
torch.save(network.state_dict(), folder / "embedding_model.ckpt")

fbank = Fbank(n_mels=24)
normalize = InputNormalization(norm_type="sentence", std_norm=False)
with torch.no_grad():
    for i in range(count):
        wav = torch.from_numpy(np.fromfile(folder / f"{i}.f32", dtype="<f4"))[None]
        one = torch.ones(1)
        features = normalize(fbank(wav), one)
        features[0].numpy().tofile(folder / f"{i}.features.f32")
        network(features, one)[0, 0].numpy().tofile(folder / f"{i}.embedding.f32")
