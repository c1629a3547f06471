#!/usr/bin/python3
"""PyTorch's side of bench/training-curve. Usage: training-curve.py CIFAR10_FOLDER STEPS THREADS

Prints the loss of each step, then the accuracy on the test set, 0 to 1.
"""
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "Training.Tests" / "Reference"))
sys.dont_write_bytecode = True
import make  # noqa: E402

folder, steps, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
network = make.Network(folder / "resnet20_cifar10.onnx")
for loss in make.curve(network, folder / "train_15000.npz", steps):
    print(repr(loss), flush=True)
network.training = False
test = np.load(folder / "test_10000.npz")
correct = 0
with torch.no_grad():
    for start in range(0, len(test["labels"]), 100):
        scores = network(torch.from_numpy(make.normalised(test["input"][start:start + 100])))
        correct += (scores.argmax(1).numpy() == test["labels"][start:start + 100]).sum()
print(correct / len(test["labels"]))
