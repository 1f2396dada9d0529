"""Trains a PyTorch twin of a GPT (Graphs/DecoderTransformer) from the same first weights, on the same batches.

    recurve export training arithmetic --steps 300 -o steps.safetensors
    python Tools/twins/gpt.py steps.safetensors                     (needs torch, safetensors)

Prints the losses of both side by side, how far apart they are, and the time of a step. The model, the optimizer and its rates
are those of the file; PyTorch computes eagerly, or compiled with --compile. A long run keeps checkpoints and a log of its own:

    recurve train character-gpt --data text.txt -o RUN
    recurve export training RUN --batches-only --held-out -o batches.safetensors
    python Tools/twins/gpt.py batches.safetensors --log RUN/log.jsonl --compile --checkpoint twin.pt -o twin.json

judges both on what is held out at the run's validations, writes the figures after each, and goes on from the checkpoint.
"""

import torch
import torch.nn.functional as F

from training import Run, main, refuse


def rms_norm(x, gain):
    return F.rms_norm(x, [x.shape[-1]], gain, 1e-5)


def rotation(length, size, theta=10000.0):
    angle = torch.arange(length, dtype=torch.float64)[:, None] * theta ** (
        -2 * (torch.arange(size) % (size // 2)) / size)
    return angle.cos().float(), angle.sin().float()


def rotate(t, cosine, sine):
    first, second = t.chunk(2, -1)
    return t * cosine + torch.cat([-second, first], -1) * sine


def sinusoidal(length, width):
    angle = torch.arange(length, dtype=torch.float64)[:, None] / 10000.0 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1).float()


def scores(weights, tokens, heads, positions):
    """[B, L] -> [B, L, V]"""
    h = F.embedding(tokens, weights["tokens.table"])
    length, width = h.shape[1:]
    if positions == "learned":
        h = h + weights["positions.table"][:length]
    if positions == "sinusoidal":
        h = h * width**0.5 + sinusoidal(length, width)
    table = rotation(length, width // heads)
    for layer in range(sum(name.endswith("attentionNorm.gain") for name in weights)):
        def own(name):
            return weights[f"blocks.{layer}.{name}"]

        x = rms_norm(h, own("attentionNorm.gain"))
        query, key, value = (
            part.unflatten(-1, (heads, -1)).transpose(1, 2)
            for part in F.linear(x, own("attention.queryKeyValue.weight")).chunk(3, -1))
        if positions == "rotary":
            query, key = rotate(query, *table), rotate(key, *table)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
        h = h + F.linear(mixed, own("attention.output.weight"))
        x = F.linear(rms_norm(h, own("feedForwardNorm.gain")), own("up.weight"))
        h = h + F.linear(F.gelu(x, approximate="tanh"), own("down.weight"))
    return F.linear(rms_norm(h, weights["norm.gain"]), weights.get("head.weight", weights["tokens.table"]))


class GPT(Run):
    prefix = "weights.gpt."

    def __init__(self, options):
        super().__init__(options)
        self.heads = int(self.notes["heads"])

    @property
    def positions(self):
        return self.notes.get("positions", "rotary")

    def refuse_what_differs(self):
        super().refuse_what_differs()
        if self.positions not in ("learned", "sinusoidal", "rotary"):
            refuse(f"knows learned, sinusoidal and rotary positions, the file has {self.positions}")
        if "document_start" in self.notes:
            refuse("looks at all of a sequence, the model of the file at one document")

    def loss(self, tokens, labels):
        found = scores(self.weights, tokens, self.heads, self.positions)
        return F.cross_entropy(found.flatten(0, 1), labels.flatten(), ignore_index=-1)


if __name__ == "__main__":
    main(GPT, __doc__)
