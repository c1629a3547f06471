#!/usr/bin/env python3
"""How digits.onnx and the three splits beside it were made.

Needs Debian's python3-sklearn (which carries the digits), python3-torch and python3-onnx. Writes train.npz,
calibration.npz, test.npz and digits.onnx into the folder given (default: this one). The seed is fixed, so the splits
come out byte for byte; the weights do so on the same torch build and thread count. The penalty was chosen by the
calibration split; no choice was made by the test split.
"""
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

SEED = 20
EPOCHS = 90
BATCH = 32
LEARNING_RATE = 0.05
WEIGHT_DECAY = 4e-3
SPARSITY = 2e-2   # proximal step on the scales and shifts of the normalisations, per unit of learning rate
SCALE = 1 / 16     # pixels are 0..16; the model takes 0..1 (data.yaml says so to every reader)


def split(labels, rng):
    """60 / 20 / 20 per cent of every class, shuffled."""
    parts = ([], [], [])
    for digit in range(10):
        of_class = rng.permutation(np.flatnonzero(labels == digit))
        a, b = round(0.6 * len(of_class)), round(0.8 * len(of_class))
        for part, chosen in zip(parts, (of_class[:a], of_class[a:b], of_class[b:])):
            part.append(chosen)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def save_npz(path, **arrays):
    """np.savez_compressed, but with a fixed date in the archive: the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


class ConvBn(nn.Module):
    def __init__(self, inputs, outputs, kernel, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = ConvBn(width, width, 3)
        self.b = ConvBn(width, width, 3)
        self.relu = nn.ReLU()

    def forward(self, x):
        return F.relu(x + self.b(self.relu(self.a(x))))


class Digits(nn.Module):
    """Stem, a residual block, a depthwise-separable block, one wide convolution, a linear head."""

    def __init__(self, narrow=64, wide=112):
        super().__init__()
        self.stem = ConvBn(1, narrow, 3)
        self.residual = Residual(narrow)
        self.depthwise = ConvBn(narrow, narrow, 3, groups=narrow)
        self.pointwise = ConvBn(narrow, wide, 1)
        self.head = ConvBn(wide, wide, 3)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(wide, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = self.residual(x)
        x = F.relu(self.depthwise(x))
        x = F.relu(self.pointwise(x))
        x = F.relu(self.head(x))
        return self.fc(torch.flatten(self.pool(x), 1))


def coupled(model):
    """The channels that can only go together: their normalisations, and every weight with the axis of the channel."""
    m = model
    return {
        "trunk": ([m.stem.bn, m.residual.b.bn, m.depthwise.bn],
                  [(m.stem.conv.weight, 0), (m.residual.b.conv.weight, 0), (m.depthwise.conv.weight, 0),
                   (m.residual.a.conv.weight, 1), (m.pointwise.conv.weight, 1)]),
        "inner": ([m.residual.a.bn], [(m.residual.a.conv.weight, 0), (m.residual.b.conv.weight, 1)]),
        "pointwise": ([m.pointwise.bn], [(m.pointwise.conv.weight, 0), (m.head.conv.weight, 1)]),
        "head": ([m.head.bn], [(m.head.conv.weight, 0), (m.fc.weight, 1)]),
    }


def shrink(model, amount):
    """Network slimming (Liu et al. 2017), as a proximal step and on whole coupled channels: scale and shift of all
    the normalisations that one channel passes through shrink together, so a channel that goes, goes everywhere."""
    with torch.no_grad():
        for norms, _ in coupled(model).values():
            columns = torch.stack([p for norm in norms for p in (norm.weight, norm.bias)])
            length = columns.norm(dim=0).clamp_min(1e-12)
            keep = (1 - amount * len(columns) ** 0.5 / length).clamp_min(0)
            for norm in norms:
                norm.weight.mul_(keep)
                norm.bias.mul_(keep)


def augment(x, rng):
    """Shift by up to one pixel, rotate and scale a little: one affine map an image."""
    n = len(x)
    angle = torch.from_numpy(rng.uniform(-0.2, 0.2, n)).float()
    zoom = torch.from_numpy(rng.uniform(0.9, 1.1, n)).float()
    shift = torch.from_numpy(rng.uniform(-0.2, 0.2, (n, 2))).float()
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    theta = torch.stack([torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def zeroed(model, ratio, over_all):
    """A copy without its channels of lowest L2 norm: the share ratio of every group, or of all channels together."""
    copy = Digits()
    copy.load_state_dict(model.state_dict())
    norms = {}
    for name, (bns, weights) in coupled(copy).items():
        square = sum(bn.weight.detach() ** 2 for bn in bns)
        for weight, axis in weights:
            square = square + (weight.detach() ** 2).transpose(0, axis).flatten(1).sum(1)
        norms[name] = square.sqrt()
    threshold = torch.quantile(torch.cat([v / v.mean() for v in norms.values()]), ratio)
    removed = {}
    for name, (bns, _) in coupled(copy).items():
        norm = norms[name]
        gone = norm / norm.mean() < threshold if over_all else norm.argsort().argsort() < round(ratio * len(norm))
        removed[name] = int(gone.sum())
        for bn in bns:
            bn.weight.data[gone] = 0
            bn.bias.data[gone] = 0
    return copy, removed


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(2)
    rng = np.random.default_rng(SEED)

    digits = load_digits()
    images = digits.images.astype(np.uint8)[:, None]
    labels = digits.target.astype(np.int64)
    tensors = []
    for name, chosen in zip(("train", "calibration", "test"), split(labels, rng)):
        save_npz(folder / f"{name}.npz", input=images[chosen], labels=labels[chosen])
        tensors.append((torch.from_numpy(images[chosen]).float() * SCALE, torch.from_numpy(labels[chosen])))
    (x, y), (xc, yc), (xt, yt) = tensors

    model = Digits()
    optimiser = torch.optim.SGD(model.parameters(), LEARNING_RATE, momentum=0.9, nesterov=True, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, cycle_momentum=False)
    for epoch in range(EPOCHS):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            chosen = order[start:start + BATCH]
            loss = F.cross_entropy(model(augment(x[chosen], rng)), y[chosen], label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate = schedule.get_last_lr()[0]
            schedule.step()
            shrink(model, rate * SPARSITY)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}, calibration {accuracy(model, xc, yc):.4f}", flush=True)

    for over_all in (False, True):
        for ratio in (0.3, 0.35, 0.4, 0.5):
            copy, removed = zeroed(model, ratio, over_all)
            print(f"calibration without the lowest {ratio:.0%} {'overall' if over_all else 'of each group'}: "
                  f"{accuracy(copy, xc, yc):.4f} (of {accuracy(model, xc, yc):.4f}) {removed}")

    model.eval()
    torch.onnx.export(
        model, torch.zeros(1, 1, 8, 8), folder / "digits.onnx", input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, opset_version=17,
        # PRESERVE on an eval model: inference semantics, and no folding of BatchNormalization into Conv.
        training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    print(f"parameters {sum(p.numel() for p in model.parameters())}")
    print(f"test {accuracy(model, xt, yt):.4f} on {len(xt)}")


if __name__ == "__main__":
    main()
