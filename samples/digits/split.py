#!/usr/bin/env python3
"""How train.npz, calibration.npz and test.npz were made.

Needs Debian's python3-sklearn, which carries the digits. Writes the three files into the folder given (default: this one). The seed
is fixed, so they come out byte for byte.
"""
import sys
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

SEED = 20


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


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    digits = load_digits()
    images = digits.images.astype(np.uint8)[:, None]
    labels = digits.target.astype(np.int64)
    for name, chosen in zip(("train", "calibration", "test"), split(labels, np.random.default_rng(SEED))):
        save_npz(folder / f"{name}.npz", input=images[chosen], labels=labels[chosen])


if __name__ == "__main__":
    main()
