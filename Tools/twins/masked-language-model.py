"""The masked language model of Graphs/MaskedLanguageModel in PyTorch: the same first weights, the same masked batches.

    recurve masked-batches --data text.txt --variant bert --steps 300 -o batches.safetensors
    recurve train masked-language-model --data text.txt --variant bert --steps 300 -o RUN
    python3 Tools/twins/masked-language-model.py batches.safetensors --log RUN/log.jsonl

Prints the loss of each step beside the run's, then the loss and the accuracy on the held-out batches.
"""

import argparse
import json
import math
import time

import numpy
import torch
from safetensors import safe_open
from torch.nn import functional


class Twin(torch.nn.Module):
    """Weights by the paths that they have in the DSL, where a dot is an underscore here."""

    def __init__(self, tensors, metadata):
        super().__init__()
        self.is_recurrent = metadata["variant"] == "recurrent"
        self.depth, self.heads = int(metadata["depth"]), int(metadata["heads"])
        for name, tensor in tensors.items():
            if name.startswith("weight."):
                path = name.removeprefix("weight.")
                self.register_parameter(path.replace(".", "_"), torch.nn.Parameter(tensor))

    def weight(self, path):
        return getattr(self, path.replace(".", "_"))

    def linear(self, x, path):
        return functional.linear(x, self.weight(path + ".weight"), self.weight(path + ".bias"))

    def norm(self, x, path):
        return functional.layer_norm(x, x.shape[-1:], self.weight(path + ".gain"), self.weight(path + ".bias"), 1e-12)

    def attention(self, h, path):
        batch, length, width = h.shape
        parts = self.linear(h, path + ".queryKeyValue").view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.linear(mixed.transpose(1, 2).reshape(batch, length, width), path + ".output")

    def layer(self, h, path):
        mixed = self.norm(h + self.attention(h, path + ".attention"), path + ".attentionNorm")
        fed = self.linear(functional.gelu(self.linear(mixed, path + ".up")), path + ".down")
        return self.norm(mixed + fed, path + ".feedForwardNorm")

    def forward(self, tokens, places):
        table = self.weight("tokens.table")
        h = self.norm(table[tokens] + self.weight("positions.table")[: tokens.shape[1]], "embeddingNorm")
        for number in range(self.depth):
            h = self.layer(h, f"layers.{0 if self.is_recurrent else number}")
        asked = h.reshape(-1, h.shape[-1])[places]
        found = self.norm(functional.gelu(self.linear(asked, "transform")), "transformNorm")
        return functional.linear(found, table, self.weight("scoreBias"))


def part(tensors, name):
    """Batches of a part: tokens, places, labels."""
    return zip(*(tensors[f"{name}.{kind}"].long() for kind in ("tokens", "places", "labels")))


def rate(step, steps, metadata):
    """The learning rate: a linear warm-up, then a line to its final share."""
    base, warm_up = float(metadata["learning_rate"]), int(metadata["warm_up"])
    if step < warm_up:
        return base * (step + 1) / warm_up
    progress = min((step - warm_up) / max(steps - warm_up, 1), 1)
    return base * (1 + (float(metadata["final_share"]) - 1) * progress)


def optimizer(model, metadata):
    """AdamW that lets matrices decay, and nothing else."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    others = [weight for weight in model.parameters() if weight.dim() == 1]
    groups = [{"params": matrices, "weight_decay": float(metadata["weight_decay"])}, {"params": others}]
    return torch.optim.AdamW(groups, lr=0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0)


def train(model, tensors, metadata, losses):
    rule, steps = optimizer(model, metadata), len(tensors["train.tokens"])
    differences = []
    for step, (tokens, places, labels) in enumerate(part(tensors, "train")):
        for group in rule.param_groups:
            group["lr"] = rate(step, steps, metadata)
        loss = functional.cross_entropy(model(tokens, places), labels)
        rule.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), float(metadata["clipping_norm"]))
        rule.step()
        other = losses[step] if step < len(losses) else math.nan
        differences.append(abs(loss.item() - other))
        if step < 5 or (step + 1) % 50 == 0 or step + 1 == steps:
            print(f"step {step + 1:5}  twin {loss.item():.5f}  run {other:.5f}  difference {differences[-1]:.1e}")
    return differences


def judge(model, tensors):
    losses, rights = [], []
    with torch.no_grad():
        for tokens, places, labels in part(tensors, "held_out"):
            scores = model(tokens, places)
            losses.append(functional.cross_entropy(scores, labels).item())
            rights.append((scores.argmax(-1) == labels).float().mean().item())
    return numpy.mean(losses), numpy.mean(rights)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("batches", help="what `recurve masked-batches` wrote")
    parser.add_argument("--log", help="log.jsonl of the run on the same batches")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with safe_open(arguments.batches, "pt") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    losses = []
    if arguments.log:
        with open(arguments.log, encoding="utf-8") as file:
            losses = [json.loads(line)["loss"] for line in file]
    model = Twin(tensors, metadata)
    start = time.time()
    differences = train(model, tensors, metadata, losses)
    seconds = (time.time() - start) / len(differences)
    loss, accuracy = judge(model, tensors)
    print(f"{seconds * 1000:.1f} ms a step; held out: loss {loss:.4f}, masked accuracy {accuracy * 100:.2f} %")
    if losses:
        print(f"largest difference {numpy.nanmax(differences):.1e}, of the first 20 steps {max(differences[:20]):.1e}")


main()
