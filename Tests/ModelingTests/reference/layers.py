"""Writes layers.json: what layers give in double precision, by the formulas of PyTorch's documentation, in NumPy.

    python3 Tests/ModelingTests/reference/layers.py

Numbers of inputs and weights are sevenths and elevenths of small integers, which LayerTests.swift makes in the same way.
"""

import json
import math
import pathlib

import numpy as np


def numbers(shape, step, scale=1 / 8):
    """((i * step) mod 13 - 6) * scale, exact in single precision."""
    count = int(np.prod(shape))
    return (((np.arange(count) * step) % 13 - 6) * scale).reshape(shape)


def softmax(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def layer_norm(x, gain, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * gain + bias


def rms_norm(x, gain):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gain


def rotate(t, theta=10000.0):
    length, size = t.shape[1], t.shape[3]
    angle = np.arange(length)[:, None] * theta ** (-2 * (np.arange(size) % (size // 2)) / size)
    first, second = np.split(t, 2, -1)
    return t * np.cos(angle)[:, None] + np.concatenate([-second, first], -1) * np.sin(angle)[:, None]


def attention(x, heads, key_heads, seen, rotary, bias):
    batch, length, width = x.shape
    size = width // heads
    rows = (heads + 2 * key_heads) * size
    projected = x @ numbers([rows, width], 3).T + (numbers([rows], 5) if bias else 0)
    query, key, value = (
        part.reshape(batch, length, -1, size)
        for part in np.split(projected, [width, width + key_heads * size], -1)
    )
    if rotary:
        query, key = rotate(query), rotate(key)
    key, value = (np.repeat(part, heads // key_heads, 2) for part in (key, value))
    scores = np.einsum("blhd,bchd->bhlc", query, key) / math.sqrt(size)
    weights = softmax(np.where(seen, scores, -1e9))
    mixed = np.einsum("bhlc,bchd->blhd", weights, value).reshape(batch, length, width)
    return mixed @ numbers([width, width], 7).T + (numbers([width], 4) if bias else 0)


def sinusoidal(length, width):
    angle = np.arange(length)[:, None] / 10000.0 ** (np.arange(width) // 2 * 2 / width)
    return np.where(np.arange(width) % 2 == 0, np.sin(angle), np.cos(angle))


def mean_cross_entropy(scores, labels, ignored):
    logarithms = np.log(softmax(scores))
    counted = [-row[label] for row, label in zip(logarithms, labels) if label != ignored]
    return np.array(sum(counted) / len(counted))


x = numbers([2, 5, 8], 5)
row, column = np.arange(5)[:, None], np.arange(5)
causal, window = column <= row, (column <= row) & (row - column < 2)
padding = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)[:, None, None]
cases = {
    "layer_norm": layer_norm(x, numbers([8], 3), numbers([8], 5)),
    "rms_norm": rms_norm(x, numbers([8], 3)),
    "attention": attention(x, 2, 2, np.ones([5, 5], bool), False, True),
    "causal_attention": attention(x, 2, 2, causal, False, False),
    "rotary_attention": attention(x, 2, 2, causal, True, False),
    "grouped_attention": attention(x, 4, 2, causal, True, True),
    "windowed_attention": attention(x, 4, 1, window, False, False),
    "padded_attention": attention(x, 2, 2, causal & padding, False, False),
    "sinusoidal": sinusoidal(5, 8),
    "exact_gelu": 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "mean_cross_entropy": mean_cross_entropy(numbers([5, 8], 5), [3, -1, 0, 7, -1], -1),
}
path = pathlib.Path(__file__).with_name("layers.json")
path.write_text(json.dumps({name: [round(v, 9) for v in a.flatten()] for name, a in cases.items()}) + "\n")
