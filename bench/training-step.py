#!/usr/bin/python3
"""PyTorch's side of bench/training-step: steps of SGD on an ONNX network. Usage: training-step.py MODEL BATCH THREADS

Writes "ready", then for each number read from standard input does so many steps and writes their milliseconds.
"""
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "Training.Tests" / "Reference"))
sys.dont_write_bytecode = True
from make import Network  # noqa: E402

path, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
network = Network(path)
if network.input == "ids":
    x = torch.randint(0, 50, (batch, 12))
elif "kws" in path:
    x = torch.rand(batch, 1, 49, 10)
else:
    x = torch.rand(batch, 3, 32, 32)
labels = torch.randint(0, 6, (batch,))
network(x).sum().backward()
trained = [p for p in network.parameters.values() if p.grad is not None]
optimizer = torch.optim.SGD(trained, lr=0.001, momentum=0.9, weight_decay=1e-4)
print("ready", flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(network(x), labels).backward()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1000)
    print(" ".join(f"{t:.3f}" for t in times), flush=True)
