#!/usr/bin/python3
"""Makes the reference data of this folder with PyTorch. See README.md.

Usage: make.py SHARED_DATA_FOLDER
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
SAMPLES = 64


def formula(count, multiplier=7919, offset=13):
    """Inputs that any language makes alike: -1 to below 1 in steps of 1/500."""
    i = np.arange(count, dtype=np.int64)
    return (((i * multiplier + offset) % 1000) / 500.0 - 1.0).astype(np.float32)


def positions(count):
    k = np.arange(min(SAMPLES, count), dtype=np.int64)
    return k if count <= SAMPLES else (k * 2654435761) % (1 << 32) % count


class Network:
    """Runs an ONNX graph with PyTorch; BatchNormalization with the batch's statistics while training, which move the running ones."""

    def __init__(self, path):
        self.training = True
        graph = onnx.load(str(path)).graph
        self.nodes = list(graph.node)
        self.input = graph.input[0].name
        self.output = graph.output[0].name
        self.constants, self.parameters = {}, {}
        running = {n.input[k] for n in self.nodes if n.op_type == "BatchNormalization" for k in (3, 4)}
        for tensor in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if value.dtype == torch.float32 and tensor.name not in running and value.dim() > 0:
                self.parameters[tensor.name] = value.requires_grad_()
            else:
                self.constants[tensor.name] = value

    def __call__(self, x):
        values = {**self.constants, **self.parameters, self.input: x}
        for node in self.nodes:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            inputs = [values[i] if i else None for i in node.input]
            values[node.output[0]] = getattr(self, node.op_type)(attributes, *inputs)
        return values[self.output]

    @staticmethod
    def Conv(a, x, w, b=None):
        pads = a.get("pads", [0, 0, 0, 0])
        x = F.pad(x, (pads[1], pads[3], pads[0], pads[2]))
        return F.conv2d(x, w, b, a.get("strides", [1, 1]), 0, a.get("dilations", [1, 1]), a.get("group", 1))

    def BatchNormalization(self, a, x, scale, bias, mean, var):
        return F.batch_norm(x, mean, var, scale, bias, self.training, 0.1, a.get("epsilon", 1e-5))

    @staticmethod
    def Pad(a, x, pads, value=None):
        pads = pads.tolist()
        rank = x.dim()
        return F.pad(x, [p for d in reversed(range(rank)) for p in (pads[d], pads[d + rank])])

    @staticmethod
    def Slice(a, x, starts, ends, axes, steps):
        for s, e, d, t in zip(*(v.tolist() for v in (starts, ends, axes, steps))):
            x = x[(slice(None),) * d + (slice(s, min(e, x.shape[d]), t),)]
        return x

    Relu = staticmethod(lambda a, x: F.relu(x))
    Add = staticmethod(lambda a, x, y: x + y)
    Mul = staticmethod(lambda a, x, y: x * y)
    MatMul = staticmethod(lambda a, x, y: x @ y)
    Gelu = staticmethod(lambda a, x: F.gelu(x))
    Gather = staticmethod(lambda a, x, i: F.embedding(i, x))
    GlobalAveragePool = staticmethod(lambda a, x: x.mean((2, 3), keepdim=True))
    AveragePool = staticmethod(lambda a, x: F.avg_pool2d(x, a["kernel_shape"], a["strides"]))
    Flatten = staticmethod(lambda a, x: x.flatten(1))
    Gemm = staticmethod(lambda a, x, w, b: F.linear(x, w if a.get("transB") else w.t(), b))
    Reshape = staticmethod(lambda a, x, shape: x.reshape([x.shape[i] if d == 0 else d for i, d in enumerate(shape.tolist())]))
    Transpose = staticmethod(lambda a, x: x.permute(a["perm"]))
    ReduceMean = staticmethod(lambda a, x, axes: x.mean(tuple(axes.tolist()), keepdim=bool(a.get("keepdims", 1))))
    Softmax = staticmethod(lambda a, x: F.softmax(x, a.get("axis", -1)))
    LayerNormalization = staticmethod(lambda a, x, s, b: F.layer_norm(x, x.shape[-1:], s, b, a.get("epsilon", 1e-5)))


def encoder(path):
    """A transformer encoder: embeddings, two post-norm layers with four heads and a GELU of 64, mean over time, classes."""
    rng = np.random.default_rng(5)
    width, heads, hidden, time, vocabulary, classes = 32, 4, 64, 12, 50, 6
    nodes, tensors = [], []

    def weight(name, *dims, scale=None):
        scale = 1 / math.sqrt(dims[-2] if len(dims) > 1 else 4) if scale is None else scale
        tensors.append(numpy_helper.from_array((rng.standard_normal(dims) * scale).astype(np.float32), name))
        return name

    def ints(name, *values):
        if all(t.name != name for t in tensors):
            tensors.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def linear(x, name, n, m):
        return node("Add", [node("MatMul", [x, weight(f"{name}.weight", n, m)], f"{name}.product"), weight(f"{name}.bias", m)], f"{name}.out")

    def norm(x, name):
        tensors.append(numpy_helper.from_array((1 + 0.1 * rng.standard_normal(width)).astype(np.float32), f"{name}.scale"))
        return node("LayerNormalization", [x, f"{name}.scale", weight(f"{name}.bias", width, scale=0.1)], f"{name}.out", axis=-1)

    x = node("Gather", [weight("embedding", vocabulary, width, scale=0.5), "ids"], "embedded", axis=0)
    x = node("Add", [x, weight("position", 1, time, width, scale=0.2)], "positioned")
    for layer in range(2):
        p = f"layer{layer}"
        parts = []
        for part in ("query", "key", "value"):
            apart = node("Reshape", [linear(x, f"{p}.{part}", width, width), ints("apart", 0, time, heads, width // heads)], f"{p}.{part}.apart")
            parts.append(node("Transpose", [apart], f"{p}.{part}.heads", perm=[0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]))
        scores = node("MatMul", parts[:2], f"{p}.scores")
        if layer == 0:
            tensors.append(numpy_helper.from_array(np.float32(1 / math.sqrt(width // heads)), "scale"))
        scores = node("Softmax", [node("Mul", [scores, "scale"], f"{p}.scaled")], f"{p}.attention", axis=-1)
        mixed = node("Transpose", [node("MatMul", [scores, parts[2]], f"{p}.mixed")], f"{p}.joined", perm=[0, 2, 1, 3])
        mixed = node("Reshape", [mixed, ints("together", 0, time, width)], f"{p}.together")
        x = norm(node("Add", [x, linear(mixed, f"{p}.output", width, width)], f"{p}.residual1"), f"{p}.norm1")
        inner = node("Gelu", [linear(x, f"{p}.up", width, hidden)], f"{p}.gelu")
        x = norm(node("Add", [x, linear(inner, f"{p}.down", hidden, width)], f"{p}.residual2"), f"{p}.norm2")
    tensors.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "time_axis"))
    x = node("ReduceMean", [x, "time_axis"], "pooled", keepdims=0)
    node("Gemm", [x, weight("classes.weight", classes, width, scale=0.3), weight("classes.bias", classes)], "logits", transB=1)
    graph = helper.make_graph(
        nodes, "encoder", [helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", time])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 9
    onnx.save(model, str(path))


def gradients(path, x, classes):
    network = Network(path)
    labels = torch.arange(len(x)) * 7 % classes
    loss = F.cross_entropy(network(x), labels)
    loss.backward()
    tensors = {}
    for name, parameter in network.parameters.items():
        if parameter.grad is None:
            continue
        flat = parameter.grad.double().numpy().ravel()
        tensors[name] = {
            "count": len(flat),
            "norm": float(f"{np.linalg.norm(flat):.7g}"),
            "values": [float(f"{v:.6g}") for v in flat[positions(len(flat))]],
        }
    return {"loss": loss.item(), "gradients": tensors}


def normalised(images):
    """CIFAR-10 as the network takes it."""
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return ((images / 255.0 - mean[:, None, None]) / std[:, None, None]).astype(np.float32)


def curve(network, data, steps):
    """Trains with SGD on batches of 64 whose sample i is number i·7919 mod 15000; returns the losses."""
    images = np.load(data)
    inputs, labels = images["input"], images["labels"]
    optimizer = torch.optim.SGD(network.parameters.values(), lr=0.001, momentum=0.9, weight_decay=1e-4)
    losses = []
    for step in range(steps):
        order = (np.arange(step * 64, step * 64 + 64) * 7919) % 15000
        optimizer.zero_grad()
        loss = F.cross_entropy(network(torch.from_numpy(normalised(inputs[order]))), torch.from_numpy(labels[order]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def save(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    torch.manual_seed(0)
    encoder(HERE / "encoder.onnx")
    ids = torch.from_numpy((np.arange(16 * 12, dtype=np.int64) * 7919 + 13) % 50).reshape(16, 12)
    save("encoder.json", gradients(HERE / "encoder.onnx", ids, 6))
    resnet = shared / "cifar10" / "resnet20_cifar10.onnx"
    save("resnet20.json", gradients(resnet, torch.from_numpy(formula(16 * 3 * 32 * 32)).reshape(16, 3, 32, 32), 10))
    kws = shared / "kws" / "kws_dscnn.onnx"
    save("kws.json", gradients(kws, torch.from_numpy(formula(16 * 49 * 10)).reshape(16, 1, 49, 10), 12))
    save("resnet20-curve.json", curve(Network(resnet), shared / "cifar10" / "train_15000.npz", 50))
