"""How the files here were made: pictures by Debian's python3-pil (libjpeg-turbo), models by python3-onnx.

For each name.jpg, name.png is what Pillow decodes from it; resized.png is picture.png through Pillow's BILINEAR.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper
from PIL import Image

rng = np.random.default_rng(7)
h, w = 45, 61
y, x = np.mgrid[0:h, 0:w]
rgb = np.stack([128 + 100 * np.sin(x / 7), 4 * y + x, 255 * ((x // 9 + y // 11) % 2)], -1) + rng.normal(0, 6, (h, w, 3))
picture = Image.fromarray(rgb.clip(0, 255).astype(np.uint8))
picture.save("picture.png")
for size, name in (((20, 16), "smaller"), ((90, 70), "larger"), ((61, 9), "flat")):
    picture.resize(size, Image.BILINEAR).save(f"resized-{name}.png")
picture.quantize(200).save("palette.bmp")
picture.save("rgb24.bmp")
picture.convert("1").save("one.bmp")
for name, options in {
    "444": dict(subsampling=0, quality=92),
    "422": dict(subsampling=1, quality=80),
    "420": dict(subsampling=2, quality=75),
    "420-progressive": dict(subsampling=2, quality=75, progressive=True),
    "444-progressive": dict(subsampling=0, quality=60, progressive=True),
    "422-optimised": dict(subsampling=1, quality=30, optimize=True),
}.items():
    picture.save(f"{name}.jpg", **options)
    Image.open(f"{name}.jpg").convert("RGB").save(f"{name}.png")
for name, options in {"gray": dict(quality=85), "gray-progressive": dict(quality=85, progressive=True)}.items():
    picture.convert("L").save(f"{name}.jpg", **options)
    Image.open(f"{name}.jpg").save(f"{name}.png")
picture.crop((0, 0, 3, 2)).save("tiny.jpg", subsampling=2)
Image.open("tiny.jpg").convert("RGB").save("tiny.png")
picture.convert("CMYK").save("cmyk.jpg")


def model(name, inputs, outputs, nodes, initializers=()):
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
        [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs], list(initializers))
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="fixture")
    m.ir_version = 8
    onnx.checker.check_model(m)
    onnx.save(m, f"{name}.onnx")


F, U8 = TensorProto.FLOAT, TensorProto.UINT8
# The scores of a sample are its own values: the label of a sample is where its highest value lies.
model("identity", [("x", F, ["n", 3])], [("y", F, ["n", 3])], [helper.make_node("Identity", ["x"], ["y"])])
model("fixed-batch", [("x", F, [4, 3])], [("y", F, [4, 3])], [helper.make_node("Identity", ["x"], ["y"])])
model("trailing-axes", [("x", F, ["n", 3, 1, 1])], [("y", F, ["n", 3, 1, 1])], [helper.make_node("Identity", ["x"], ["y"])])
model("negated", [("x", F, ["n", 3])], [("y", F, ["n", 3])], [helper.make_node("Neg", ["x"], ["y"])])
model("one-column", [("x", F, ["n", 3])], [("y", F, ["n", 1])],
      [helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=1)], [helper.make_tensor("axes", TensorProto.INT64, [1], [1])])
model("bytes", [("x", U8, ["n", 3])], [("y", F, ["n", 3])], [helper.make_node("Cast", ["x"], ["y"], to=F)])
model("two-inputs", [("a", F, ["n", 3]), ("b", F, ["n", 3])], [("y", F, ["n", 3])], [helper.make_node("Sub", ["a", "b"], ["y"])])
model("nan", [("x", F, ["n", 3])], [("y", F, ["n", 3])], [helper.make_node("Sqrt", ["m"], ["y"]), helper.make_node("Neg", ["x"], ["m"])][::-1])
model("map", [("x", F, ["n", 3, 2, 2])], [("y", F, ["n", 3, 2, 2])], [helper.make_node("Identity", ["x"], ["y"])])
