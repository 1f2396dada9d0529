"""PyTorch twin of a GPT (Graphs/DecoderTransformer) that adds a token at a time, with keys and values in a static cache.

    recurve-benchmark decoding --python PYTHON                     (needs torch, safetensors; starts this by itself)
    python Tools/twins/decoding.py FORM numbers.safetensors HEADS CAPACITY [THREADS]    then `tokens`, `time SECONDS` on standard input

FORM is eager or compiled (torch.compile, one program for every position). Answers are lists of numbers: the tokens that follow the
prompts, row by row; seconds of all processors and of each step, in which every row gets a token.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from gpt import rms_norm, rotate, rotation


class Decoder:
    def __init__(self, tensors, heads, capacity):
        self.prompts = tensors.pop("in.prompts").long()
        self.weights = {name.removeprefix("gpt."): tensor for name, tensor in tensors.items()}
        self.layers = sum(name.endswith("attentionNorm.gain") for name in self.weights)
        self.heads, self.capacity = heads, capacity
        batch, size = len(self.prompts), self.weights["tokens.table"].shape[1] // heads
        self.cosines, self.sines = rotation(capacity, size)
        self.cache = [torch.zeros(2, batch, heads, capacity, size) for _ in range(self.layers)]

    def step(self, token, position):
        """[B, 1], [1] -> the token that follows, [B, 1]"""
        w = self.weights
        h = F.embedding(token, w["tokens.table"])
        seen = (torch.arange(self.capacity) <= position)[None, None, None]
        table = self.cosines[position], self.sines[position]
        for layer in range(self.layers):
            path = f"blocks.{layer}."
            parts = F.linear(rms_norm(h, w[path + "attentionNorm.gain"]), w[path + "attention.queryKeyValue.weight"])
            query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts.chunk(3, -1))
            keys, values = self.cache[layer]
            keys.index_copy_(2, position, rotate(key, *table))
            values.index_copy_(2, position, value)
            mixed = F.scaled_dot_product_attention(rotate(query, *table), keys, values, attn_mask=seen)
            h = h + F.linear(mixed.transpose(1, 2).flatten(2), w[path + "attention.output.weight"])
            x = F.linear(rms_norm(h, w[path + "feedForwardNorm.gain"]), w[path + "up.weight"])
            h = h + F.linear(F.gelu(x, approximate="tanh"), w[path + "down.weight"])
        scores = F.linear(rms_norm(h, w["norm.gain"]), w.get("head.weight", w["tokens.table"]))
        return scores.argmax(-1)


def main():
    form, path, heads, capacity, threads = (sys.argv[1:] + ["2"])[:5]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    decoder = Decoder(load_file(path), int(heads), int(capacity))
    step = torch.compile(decoder.step, fullgraph=True) if form == "compiled" else decoder.step
    positions = [torch.tensor([position]) for position in range(int(capacity))]

    def completed():
        """Tokens and the seconds of each step behind the prompt; a token is read before the next one is made."""
        count = decoder.prompts.shape[1]
        for place in range(count):
            token = step(decoder.prompts[:, place:place + 1], positions[place])
        tokens, times = [token.flatten().tolist()], []
        for place in range(count, int(capacity) - 1):
            start = time.perf_counter()
            token = step(token, positions[place])
            tokens.append(token.flatten().tolist())
            times.append(time.perf_counter() - start)
        return tokens, times

    def timed(seconds):
        times, end, busy = [], time.perf_counter() + seconds, time.process_time()
        while not times or time.perf_counter() < end:
            times += completed()[1]
        return [time.process_time() - busy] + times

    def rows():
        tokens = completed()[0]
        return [token for row in zip(*tokens) for token in row]

    for line in sys.stdin:
        word, *rest = line.split()
        answer = {"tokens": rows, "time": lambda: timed(float(rest[0])), "ready": lambda: [0]}[word]()
        print(json.dumps(answer), flush=True)


main()
