"""Writes what PyTorch's layers and losses give, with their gradients, for LayerTests.swift.

    python Tools/twins/layers.py Tests/ModelingTests/Vectors/layers.safetensors     (needs torch, numpy, safetensors)

Of each case NAME the file has the input NAME/x, every weight by its path in LayerSamples.swift, the output NAME/y and, as
NAME/gradient.PATH, the gradient of the sum of (1 + 0.03 i) y[i] over all elements. PyTorch computes in double precision.
"""

import sys

import numpy
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn
from torch.func import functional_call

tensors = {}
random = numpy.random.default_rng(7)


def case(name, shapes, function):
    """shapes: of the input, x, and of the weights by their paths within the layer."""
    weights = {}
    for path, shape in shapes.items():
        numbers = random.uniform(-1, 1, shape).astype(numpy.float32)
        full = "x" if path == "x" else f"layer.{path}" if path else "layer"
        tensors[f"{name}/{full}"] = numbers
        weights[path] = (full, torch.tensor(numbers, dtype=torch.float64, requires_grad=True))
    y = function({path: tensor for path, (_, tensor) in weights.items()})
    flat = y.flatten()
    (flat * (1 + 0.03 * torch.arange(len(flat), dtype=torch.float64))).sum().backward()
    # Files hold elements in the order of the axes, whatever the strides are.
    tensors[f"{name}/y"] = numpy.asarray(y.detach().numpy(), numpy.float32, order="C")
    for full, tensor in weights.values():
        if tensor.grad is not None:
            tensors[f"{name}/gradient.{full}"] = numpy.asarray(tensor.grad.numpy(), numpy.float32, order="C")


# Attention of 5 positions of width 8.

ROW, COLUMN = torch.arange(5)[:, None], torch.arange(5)
CAUSAL = COLUMN <= ROW
PADDED = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).bool()
FUSED = {"x": [2, 5, 8], "queryKeyValue.weight": [24, 8], "output.weight": [8, 8]}
BIASES = {"queryKeyValue.bias": [24], "output.bias": [8]}


def multi_head(p, mask=None, padding=None):
    layer = nn.MultiheadAttention(8, 2, bias="output.bias" in p, batch_first=True, dtype=torch.float64)
    given = {"in_proj_weight": p["queryKeyValue.weight"], "out_proj.weight": p["output.weight"]}
    if "output.bias" in p:
        given |= {"in_proj_bias": p["queryKeyValue.bias"], "out_proj.bias": p["output.bias"]}
    x = p["x"]
    options = dict(need_weights=False, attn_mask=None if mask is None else ~mask,
                   key_padding_mask=None if padding is None else ~padding)
    return functional_call(layer, given, (x, x, x), options)[0]


def rotate(t, theta=10000.0):
    size = t.shape[-1]
    angle = torch.arange(t.shape[-2], dtype=torch.float64)[:, None] * theta ** (
        -2 * (torch.arange(size) % (size // 2)) / size)
    first, second = t.chunk(2, -1)
    return t * angle.cos() + torch.cat([-second, first], -1) * angle.sin()


def grouped(p, heads, key_heads, mask, rotary):
    size = 8 // heads
    projected = F.linear(p["x"], p["queryKeyValue.weight"], p.get("queryKeyValue.bias"))
    query, key, value = (
        part.unflatten(-1, (-1, size)).transpose(1, 2)
        for part in projected.split([8, key_heads * size, key_heads * size], -1))
    if rotary:
        query, key = rotate(query), rotate(key)
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True)
    return F.linear(mixed.transpose(1, 2).flatten(2), p["output.weight"], p.get("output.bias"))


def cross(p):
    layer = nn.MultiheadAttention(8, 2, kdim=6, vdim=6, batch_first=True, dtype=torch.float64)
    key, value = p["attention.keyValue.weight"].chunk(2)
    biases = torch.cat([p["attention.query.bias"], p["attention.keyValue.bias"]])
    given = {"q_proj_weight": p["attention.query.weight"], "k_proj_weight": key, "v_proj_weight": value,
             "in_proj_bias": biases, "out_proj.weight": p["attention.output.weight"],
             "out_proj.bias": p["attention.output.bias"]}
    return functional_call(layer, given, (p["x"], p["memory"], p["memory"]),
                           dict(need_weights=False, key_padding_mask=~torch.tensor([[1, 1, 1], [1, 1, 0]]).bool()))[0]


# In the order and of the shapes of LayerSamples.swift.

case("linear", {"x": [2, 3, 4], "weight": [5, 4], "bias": [5]}, lambda p: F.linear(p["x"], p["weight"], p["bias"]))
case("embedding", {"x": [2, 3, 4], "table": [6, 4]},
     lambda p: p["x"] + F.embedding(torch.tensor([[0, 5, 2], [2, 2, 1]]), p["table"]))
case("tied_head", {"x": [2, 3, 4], "table": [6, 4]}, lambda p: F.linear(p["x"], p["table"]))
case("layer_norm", {"x": [2, 5, 8], "gain": [8], "bias": [8]},
     lambda p: F.layer_norm(p["x"], [8], p["gain"], p["bias"]))
case("rms_norm", {"x": [2, 5, 8], "gain": [8]}, lambda p: F.rms_norm(p["x"], [8], p["gain"], 1e-5))
case("swiglu", {"x": [2, 3, 4], "gateUp.weight": [12, 4], "down.weight": [4, 6]}, lambda p: F.linear(
    F.silu(F.linear(p["x"], p["gateUp.weight"][:6])) * F.linear(p["x"], p["gateUp.weight"][6:]), p["down.weight"]))
case("gelu", {"x": [2, 3, 4]}, lambda p: F.gelu(2 * p["x"], approximate="tanh"))
case("exact_gelu", {"x": [2, 3, 4]}, lambda p: F.gelu(2 * p["x"]))
case("learned_positions", {"x": [2, 3, 4], "table": [5, 4]}, lambda p: p["x"] + p["table"][:3])


def sinusoidal(length, width):
    angle = torch.arange(length, dtype=torch.float64)[:, None] / 10000.0 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)


case("sinusoidal_positions", {"x": [2, 5, 8]}, lambda p: p["x"] + sinusoidal(5, 8))
case("attention", FUSED | BIASES, multi_head)
case("causal_attention", FUSED, lambda p: multi_head(p, CAUSAL))
case("padded_attention", FUSED, lambda p: multi_head(p, CAUSAL, PADDED))
case("rotary_attention", FUSED, lambda p: grouped(p, 2, 2, CAUSAL, True))
case("grouped_attention", FUSED | BIASES | {"queryKeyValue.weight": [16, 8], "queryKeyValue.bias": [16]},
     lambda p: grouped(p, 4, 2, CAUSAL, True))
case("windowed_attention", FUSED | {"queryKeyValue.weight": [12, 8]},
     lambda p: grouped(p, 4, 1, CAUSAL & (ROW - COLUMN < 2), False))
case("cross_attention", {
    "x": [2, 5, 8], "attention.query.weight": [8, 8], "attention.query.bias": [8], "attention.keyValue.weight": [16, 6],
    "attention.keyValue.bias": [16], "attention.output.weight": [8, 8], "attention.output.bias": [8],
    "memory": [2, 3, 6]}, cross)


def along(p, **options):
    return F.conv1d(p["x"].transpose(1, 2), p["kernel"], p.get("bias"), **options).transpose(1, 2)


def over(p, **options):
    return F.conv2d(p["x"].permute(0, 3, 1, 2), p["kernel"], p.get("bias"), **options).permute(0, 2, 3, 1)


def causal(p, groups=1, dilation=1):
    before = dilation * (p["kernel"].shape[-1] - 1)
    return along(p | {"x": F.pad(p["x"], (0, 0, before, 0))}, groups=groups, dilation=dilation)


case("convolution", {"x": [2, 9, 4], "kernel": [6, 2, 3], "bias": [6]},
     lambda p: along(p, stride=2, dilation=2, padding=1, groups=2))
case("even_convolution", {"x": [2, 6, 3], "kernel": [5, 3, 4], "bias": [5]}, lambda p: along(p, padding="same"))
case("causal_convolution", {"x": [2, 6, 3], "kernel": [4, 3, 3]}, lambda p: causal(p, dilation=2))
case("depthwise_convolution", {"x": [2, 6, 3], "kernel": [3, 1, 4], "bias": [3]}, lambda p: causal(p, groups=3))
case("convolution_2d", {"x": [2, 7, 6, 4], "kernel": [6, 2, 3, 2], "bias": [6]},
     lambda p: over(p, stride=2, dilation=2, padding=1, groups=2))
case("plain_convolution_2d", {"x": [1, 4, 5, 3], "kernel": [4, 3, 3, 3]}, lambda p: over(p, padding="same"))
case("depthwise_convolution_2d", {"x": [2, 5, 4, 3], "kernel": [3, 1, 3, 3], "bias": [3]},
     lambda p: over(p, padding=1, groups=3))


def recurrent(p, prefix=""):
    return {f"{there}_{kind}_l0": p[f"{prefix}cell.{ours}.{there}"]
            for there in ("weight", "bias") for kind, ours in (("ih", "input"), ("hh", "recurrent"))}


def gates(prefix, count):
    return {f"{prefix}cell.input.weight": [4 * count, 3], f"{prefix}cell.input.bias": [4 * count],
            f"{prefix}cell.recurrent.weight": [4 * count, 4], f"{prefix}cell.recurrent.bias": [4 * count]}


def gru(p):
    layer = nn.GRU(3, 4, batch_first=True, dtype=torch.float64)
    return functional_call(layer, recurrent(p, "gru."), (p["x"], p["first"][None]))[0]


def reversed_gru(p):
    layer = nn.GRU(3, 4, batch_first=True, dtype=torch.float64)
    return functional_call(layer, recurrent(p), (p["x"].flip(1),))[0].flip(1)


def lstm(p):
    layer = nn.LSTM(3, 4, batch_first=True, dtype=torch.float64)
    outputs, (_, cell) = functional_call(layer, recurrent(p), (p["x"],))
    return torch.cat([outputs, cell.transpose(0, 1)], 1)


case("gru", {"x": [2, 5, 3], "first": [2, 4]} | gates("gru.", 3), gru)
case("reversed_gru", {"x": [2, 5, 3]} | gates("", 3), reversed_gru)
case("lstm", {"x": [2, 5, 3]} | gates("", 4), lstm)

LABELS, TARGETS = torch.tensor([3, -1, 0, 7, -1]), (torch.arange(40, dtype=torch.float64) / 40).reshape(5, 8)
case("mean_cross_entropy", {"x": [5, 8]}, lambda p: F.cross_entropy(p["x"], LABELS, ignore_index=-1))
case("smoothed_cross_entropy", {"x": [5, 8]},
     lambda p: F.cross_entropy(p["x"], LABELS, ignore_index=-1, label_smoothing=0.1))
case("binary_cross_entropy", {"x": [5, 8]},
     lambda p: F.binary_cross_entropy_with_logits(p["x"], TARGETS, reduction="none"))
case("squared_error", {"x": [5, 8]}, lambda p: F.mse_loss(p["x"], TARGETS))
case("huber_loss", {"x": [5, 8]}, lambda p: F.huber_loss(p["x"], TARGETS, delta=0.5))


# Biases of scores.

SLOPES = 2.0 ** -torch.tensor([2.0, 4, 6, 8], dtype=torch.float64)


def linear_biases(p):
    bias = -SLOPES[:, None, None] * (ROW - COLUMN).abs()
    query, key, value = (part.unflatten(-1, (4, 2)).transpose(1, 2)
                         for part in F.linear(p["x"], p["queryKeyValue.weight"]).chunk(3, -1))
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.masked_fill(~CAUSAL, -torch.inf))
    return F.linear(mixed.transpose(1, 2).flatten(2), p["output.weight"])


def buckets(distance, count, farthest):
    """T5's, of both directions."""
    count //= 2
    far, exact = distance.abs(), count // 2
    large = exact + ((far.clamp(min=1) / exact).log() / torch.tensor(farthest / exact).log() * (count - exact)).long()
    return (distance > 0) * count + torch.where(far < exact, far, large.clamp(max=count - 1))


def relative_position_bias(p):
    bias = p["biases.table"][buckets(COLUMN - ROW, 8, 4)].permute(2, 0, 1)
    query, key, value = (
        part.unflatten(-1, (2, 4)).transpose(1, 2)
        for part in F.linear(p["x"], p["attention.queryKeyValue.weight"], p["attention.queryKeyValue.bias"]).chunk(3, -1))
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias[None])
    return F.linear(mixed.transpose(1, 2).flatten(2), p["attention.output.weight"], p["attention.output.bias"])


def biased_cross(p):
    layer = nn.MultiheadAttention(8, 2, kdim=6, vdim=6, batch_first=True, dtype=torch.float64)
    key, value = p["attention.keyValue.weight"].chunk(2)
    given = {"q_proj_weight": p["attention.query.weight"], "k_proj_weight": key, "v_proj_weight": value,
             "in_proj_bias": torch.cat([p["attention.query.bias"], p["attention.keyValue.bias"]]),
             "out_proj.weight": p["attention.output.weight"], "out_proj.bias": p["attention.output.bias"]}
    # One for each head of each sequence.
    options = dict(need_weights=False, attn_mask=p["bias"].repeat(2, 1, 1))
    return functional_call(layer, given, (p["x"], p["memory"], p["memory"]), options)[0]


case("linear_biases", FUSED, linear_biases)
case("relative_position_bias", {
    "x": [2, 5, 8], "attention.queryKeyValue.weight": [24, 8], "attention.queryKeyValue.bias": [24],
    "attention.output.weight": [8, 8], "attention.output.bias": [8], "biases.table": [8, 2]}, relative_position_bias)
case("biased_cross_attention", {
    "x": [2, 5, 8], "attention.query.weight": [8, 8], "attention.query.bias": [8], "attention.keyValue.weight": [16, 6],
    "attention.keyValue.bias": [16], "attention.output.weight": [8, 8], "attention.output.bias": [8],
    "memory": [2, 3, 6], "bias": [2, 5, 3]}, biased_cross)

save_file(tensors, sys.argv[1], metadata={"torch": torch.__version__})
