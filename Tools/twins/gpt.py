"""Trains a PyTorch twin of a GPT (Graphs/DecoderTransformer) from the same first weights, on the same batches.

    recurve export training arithmetic --steps 300 -o steps.safetensors
    python Tools/twins/gpt.py steps.safetensors                     (needs torch, numpy, safetensors)

Prints the losses of both side by side, how far apart they are, and the time of a step. The model, the optimizer and its rates
are those of the file; PyTorch computes eagerly, or compiled with --compile.
"""

import argparse
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from safetensors import safe_open


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


def optimizer(weights, recipe):
    decayed = [w for w in weights.values() if w.dim() > 1 or not recipe["decays_matrices_only"]]
    others = [w for w in weights.values() if w.dim() <= 1 and recipe["decays_matrices_only"]]
    groups = [{"params": decayed, "weight_decay": recipe.get("weight_decay", 0.1)},
              {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([g for g in groups if g["params"]], betas=(0.9, 0.95), eps=1e-8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with safe_open(options.file, "pt") as file:
        notes = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    recipe = json.loads(notes["recipe"])
    if recipe["rule"] != "adamw" or recipe["accumulated_steps"] != 1:
        sys.exit(f"gpt.py: trains by adamw without accumulation, the file by {recipe['rule']}")
    if float(notes.get("dropout", 0)) > 0:
        sys.exit(f"gpt.py: trains without dropout, the file with {notes['dropout']}")
    heads = int(notes["heads"])
    weights = {name.removeprefix("weights.gpt."): tensor.requires_grad_()
               for name, tensor in tensors.items() if name.startswith("weights.")}
    adam = optimizer(weights, recipe)
    positions = notes.get("positions", "rotary")

    def loss_of(tokens, labels):
        return F.cross_entropy(
            scores(weights, tokens, heads, positions).flatten(0, 1), labels.flatten(), ignore_index=-1)

    if options.compile:
        loss_of = torch.compile(loss_of)
    ours, rates, losses, seconds = tensors["losses"].tolist(), tensors["rates"].tolist(), [], []
    for step, (tokens, labels) in enumerate(zip(tensors["inputs.tokens"].long(), tensors["inputs.labels"].long())):
        start = time.perf_counter()
        for group in adam.param_groups:
            group["lr"] = rates[step]
        adam.zero_grad()
        loss = loss_of(tokens, labels)
        loss.backward()
        if recipe.get("clipping_norm"):
            torch.nn.utils.clip_grad_norm_(weights.values(), recipe["clipping_norm"])
        adam.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
        print(f"\r{step + 1} of {len(ours)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    report(notes["model"], ours, losses, tensors["seconds"].tolist(), seconds)


def report(model, ours, theirs, our_seconds, their_seconds):
    print(f"{'step':>6}  {'recurve':>9}  {'torch':>9}  {'apart':>8}")
    count = len(ours)
    for step in sorted({1, 2, 5, 10, 20, 50, count} | set(range(100, count + 1, max(count // 10, 1)))):
        if step <= count:
            found, needed = ours[step - 1], theirs[step - 1]
            print(f"{step:>6}  {found:>9.5f}  {needed:>9.5f}  {abs(found - needed):>8.1e}")
    last = max(count // 10, 1)
    means = [sum(losses[-last:]) / last for losses in (ours, theirs)]
    print(f"{model}, mean loss of the last {last} steps: recurve {means[0]:.5f}, torch {means[1]:.5f}")
    times = [statistics.median(seconds[min(3, len(seconds) - 1):]) for seconds in (our_seconds, their_seconds)]
    print(f"median step: recurve {times[0] * 1e3:.1f} ms, torch {torch.__version__} {times[1] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
