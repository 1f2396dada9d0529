"""The Tiny Recursive Model in PyTorch: what ours is held against.

    python3 tiny-recursion.py vectors FOLDER      # small numbers in double precision, which tests compare with ours
    recurve twin RUN -o lesson.safetensors        # first weights and batches of a run of ours
    python3 tiny-recursion.py train lesson.safetensors --log RUN/log.jsonl [--compile]

Needs torch and safetensors. Weights are a dictionary by the paths that they have in our files. Written from the publication
(Jolicoeur-Martineau 2025, arXiv 2510.04871) and from what its code does where both differ: one supervision step per update,
stablemax, half the halting loss, AdamATan2, puzzles' vectors by the sign of their gradient.
"""

import argparse
import contextlib
import json
import math
import os
import statistics
import time

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from events import step_seconds
from figures import curve, logged, made, timing, write_json

CONSTANTS = ("answerStart", "latentStart", "cosines", "sines")


# The model. B batch, L positions, D width, V vocabulary; sizes `s` by their names in our files.

def rms_norm(h):
    return h * torch.rsqrt(h.square().mean(-1, keepdim=True) + 1e-5)


def swiglu(w, path, h):
    gate, up = F.linear(h, w[path + ".gateUp.weight"]).chunk(2, -1)
    return F.linear(F.silu(gate) * up, w[path + ".down.weight"])


def rotated(t, cosines, sines):
    first, second = t.chunk(2, -1)
    return t * cosines + torch.cat([-second, first], -1) * sines


def attention(w, path, h, heads):
    batch, length, width = h.shape
    parts = F.linear(h, w[path + ".0.queryKeyValue.weight"]).view(batch, length, 3, heads, width // heads)
    query, key, value = parts.permute(2, 0, 3, 1, 4)  # [B, heads, L, d] each
    tables = w[path + ".1.cosines"], w[path + ".1.sines"]
    mixed = F.scaled_dot_product_attention(rotated(query, *tables), rotated(key, *tables), value)
    return F.linear(mixed.transpose(1, 2).reshape(batch, length, width), w[path + ".0.output.weight"])


def convolution(w, path, h, s):
    """Neighbours on the grid; registers hear the mean of all cells."""
    batch, length, width = h.shape
    side, cells = math.isqrt(s["cells"]), h[:, s["registers"]:]
    kernel = w[path + ".kernel"].T.reshape(width, 1, 3, 3)
    grid = cells.transpose(1, 2).reshape(batch, width, side, side)
    heard = F.conv2d(grid, kernel, padding=1, groups=width).reshape(batch, width, -1).transpose(1, 2)
    mean = cells.mean(1, keepdim=True).expand(batch, s["registers"], width)
    return F.linear(torch.cat([mean, heard], 1), w[path + ".output.weight"])


def block(w, path, h, s):
    if s["variant"] == "mixer":
        t = h.transpose(1, 2)
        h = rms_norm(t + swiglu(w, path + ".mixer.positions", t)).transpose(1, 2)
    elif s["variant"] == "attention":
        h = rms_norm(h + attention(w, path + ".mixer.attention", h, s["heads"]))
    else:
        h = rms_norm(h + convolution(w, path + ".mixer.convolution", h, s))
    return rms_norm(h + swiglu(w, path + ".feedForward", h))


def net(w, h, injection, s):
    h = h + injection
    for layer in range(s["layers"]):
        h = block(w, f"net.blocks.{layer}", h, s)
    return h


def embedded(w, tokens, puzzles, s):
    rows = w["puzzle"][puzzles][:, None] if puzzles is not None else w["puzzle"].expand(len(tokens), 1, -1)
    zeros = rows.new_zeros(len(tokens), s["registers"] - 1, s["width"])
    return math.sqrt(s["width"]) * torch.cat([rows, zeros, w["embedding.table"][tokens]], 1)


def supervision_step(w, s, tokens, fresh, y, z, puzzles=None, cycles=1, updates=None):
    """Logits, halting scores and the next states; the last `cycles`, and of these the last `updates`, have a gradient."""
    updates = s["updates"] if updates is None else updates
    x = embedded(w, tokens, puzzles, s)
    y = torch.where(fresh[:, None, None], w["answerStart"], y)
    z = torch.where(fresh[:, None, None], w["latentStart"], z)
    for cycle in range(s["cycles"]):
        outside = cycle < s["cycles"] - cycles
        for update in range(s["updates"]):
            skipped = outside or update < s["updates"] - updates
            with torch.no_grad() if skipped else contextlib.nullcontext():
                z = net(w, z, y + x, s)
        with torch.no_grad() if outside else contextlib.nullcontext():
            y = net(w, y, z, s)
    logits = F.linear(y[:, s["registers"]:], w["readout.weight"])
    score = F.linear(y[:, 0], w["halting.weight"], w["halting.bias"])[:, 0]
    return logits, score, y.detach(), z.detach()


def losses(logits, score, labels):
    """The loss, and which sequences are right in every cell that has a label (not 0)."""
    u = logits.double()
    s = torch.where(u < 0, 1 / (1 - u.clamp(max=0)), u + 1)
    each = -(s / s.sum(-1, keepdim=True)).gather(-1, labels[..., None])[..., 0].log()
    has_label = labels > 0
    token = ((each * has_label).sum(-1) / has_label.sum(-1)).mean()
    solved = ((logits.argmax(-1) == labels) | ~has_label).all(-1)
    halting = F.binary_cross_entropy_with_logits(score, solved.to(score.dtype))
    return token + 0.5 * halting, solved


class AdamATan2:
    """The published kernel's rule; the vectors of several puzzles follow the sign of their gradient instead."""

    def __init__(self, w, decay, average, puzzle_decay=0.1, betas=(0.9, 0.95)):
        self.trained = [name for name in w if not name.endswith(CONSTANTS)]
        self.decay, self.share, self.puzzle_decay, self.betas, self.count = decay, average, puzzle_decay, betas, 0
        self.mean = {name: torch.zeros_like(w[name]) for name in self.trained}
        self.square = {name: torch.zeros_like(w[name]) for name in self.trained}
        self.average = {name: w[name].detach().clone() for name in w}

    @torch.no_grad()
    def step(self, w, rate, puzzles=None):
        self.count += 1
        first, second = (1 - beta**self.count for beta in self.betas)
        for name in self.trained:
            p, g = w[name], w[name].grad
            if name == "puzzle" and puzzles is not None:
                rows = puzzles.unique()
                p[rows] = p[rows] * (1 - 3 * rate * self.puzzle_decay) - 3 * rate * g[rows].sign()
            else:
                m = self.mean[name].lerp_(g, 1 - self.betas[0])
                v = self.square[name].lerp_(g * g, 1 - self.betas[1])
                p.mul_(1 - rate * self.decay).sub_(rate / first * torch.atan2(m, (v / second).sqrt()))
            if self.share is not None:
                self.average[name].lerp_(p, 1 - self.share)
            p.grad = None


# Vectors for tests.

def random_weights(s, generator):
    def uniform(*shape, scale=None):
        scale = scale or math.sqrt(3 / shape[-1])
        # Single precision, so that both sides begin with the same numbers.
        return ((2 * torch.rand(shape, generator=generator) - 1) * scale).double()

    d, length = s["width"], s["cells"] + s["registers"]
    w = {
        "embedding.table": uniform(s["vocabulary"], d), "puzzle": uniform(s["puzzles"], d, scale=0.5),
        "answerStart": uniform(d, scale=1.7), "latentStart": uniform(d, scale=1.7),
        "readout.weight": uniform(s["vocabulary"], d), "halting.weight": uniform(1, d),
        "halting.bias": uniform(1, scale=0.5)}
    for layer in range(s["layers"]):
        path = f"net.blocks.{layer}"
        w[path + ".feedForward.gateUp.weight"] = uniform(2 * s["inner"], d)
        w[path + ".feedForward.down.weight"] = uniform(d, s["inner"])
        if s["variant"] == "mixer":
            inner = 256 * math.ceil(round(8 * length / 3) / 256)
            w[path + ".mixer.positions.gateUp.weight"] = uniform(2 * inner, length)
            w[path + ".mixer.positions.down.weight"] = uniform(length, inner)
        else:
            w[path + ".mixer.attention.0.queryKeyValue.weight"] = uniform(3 * d, d)
            w[path + ".mixer.attention.0.output.weight"] = uniform(d, d)
            size = d // s["heads"]
            angles = torch.arange(length)[:, None] * 10_000.0 ** (-torch.arange(0, size, 2).double() / size)
            angles = torch.cat([angles, angles], 1)
            w[path + ".mixer.attention.1.cosines"], w[path + ".mixer.attention.1.sines"] = angles.cos(), angles.sin()
    return w


def vectors(s, modes, seed):
    """Forward, losses and gradients of one step in each mode; then three updates of consecutive steps."""
    generator = torch.Generator().manual_seed(seed)
    w = random_weights(s, generator)
    found = {"first." + name: tensor for name, tensor in w.items()}
    for name, tensor in w.items():
        w[name] = tensor.clone().requires_grad_(not name.endswith(CONSTANTS))
    optimizer = AdamATan2(w, s["decay"], s["average"])
    y = z = torch.zeros(s["batch"], s["cells"] + s["registers"], s["width"], dtype=torch.double)
    # Old states stand where a sequence goes on.
    for number, fresh in enumerate([[True] * s["batch"], [False, True, False], [False] * s["batch"]]):
        draw = lambda low, high, *shape: torch.randint(low, high, shape, generator=generator)
        tokens = draw(0, s["vocabulary"], s["batch"], s["cells"])
        labels = draw(0 if s["puzzles"] > 1 else 1, s["vocabulary"], s["batch"], s["cells"])
        puzzles = draw(0, s["puzzles"], s["batch"]) if s["puzzles"] > 1 else None
        fresh = torch.tensor(fresh)
        if number == 0:
            # One sequence is right, so that both halting targets occur.
            labels[0] = supervision_step(w, s, tokens, fresh, y, z, puzzles)[0][0].argmax(-1)
            assert s["puzzles"] > 1 or labels.min() > 0, "Sudokus have a label in every cell: take another seed"
            for name, (cycles, updates) in modes.items():
                logits, score, _, _ = supervision_step(w, s, tokens, fresh, y, z, puzzles, cycles, updates)
                losses(logits, score, labels)[0].backward()
                for weight in optimizer.trained:
                    found[f"gradient.{name}.{weight}"] = w[weight].grad
                    w[weight].grad = None
        logits, score, y, z = supervision_step(w, s, tokens, fresh, y, z, puzzles)
        loss, solved = losses(logits, score, labels)
        loss.backward()
        optimizer.step(w, s["rate"], puzzles)
        step = {"tokens": tokens, "labels": labels, "fresh": fresh, "loss": loss.detach(), "score": score.detach(),
                "solved": solved, "logits": logits.detach(), "answer": y, "latent": z}
        found |= {f"step.{number}.{name}": tensor for name, tensor in step.items()}
        if puzzles is not None:
            found[f"step.{number}.puzzles"] = puzzles
    found |= {f"after.{name}": w[name].detach() for name in optimizer.trained}
    small = ["readout.weight", "halting.weight", "halting.bias", "embedding.table"]
    found |= {f"average.{name}": optimizer.average[name] for name in small}
    kinds = {torch.double: torch.float, torch.long: torch.int32}
    return {name: t.to(kinds.get(t.dtype, t.dtype)).contiguous() for name, t in found.items()}


def write_vectors(folder):
    shared = {"batch": 3, "layers": 2, "updates": 2, "cycles": 3, "rate": 0.005, "decay": 0.5, "average": 0.9}
    kinds = {
        "attention": {"cells": 9, "vocabulary": 12, "width": 16, "heads": 2, "inner": 16, "registers": 2, "puzzles": 4},
        "mixer": {"cells": 4, "vocabulary": 6, "width": 8, "heads": 1, "inner": 16, "registers": 1, "puzzles": 1}}
    modes = {"attention": {"last-1": (1, None), "last-2": (2, None), "full": (3, None), "one-step": (1, 1)},
             "mixer": {"last-1": (1, None), "full": (3, None)}}
    # AdamATan2 has no epsilon: an element whose gradient is next to nothing goes a whole step to either side. With these seeds
    # single precision ends within 4e-5 of double precision.
    for variant, seed in [("attention", 2), ("mixer", 35)]:
        s = {"variant": variant} | shared | kinds[variant]
        tensors = vectors(s, modes[variant], seed)
        metadata = {"sizes": json.dumps(s), "torch": torch.__version__}
        save_file(tensors, f"{folder}/tiny-recursion-{variant}.safetensors", metadata)


# Training beside ours.

class Slots:
    """Sequences in flight: a place takes its row of the next batch once its sequence has halted."""

    def __init__(self, lesson, s):
        self.lesson, self.limit = lesson, s["supervisionSteps"]
        self.halted = torch.ones(s["batch"], dtype=torch.bool)
        self.steps = torch.zeros(s["batch"], dtype=torch.long)
        self.rows = {name: lesson[name][0].clone() for name in ("questions", "answers", "puzzles") if name in lesson}

    def refill(self, number):
        for name, rows in self.rows.items():
            rows[self.halted] = self.lesson[name][number][self.halted]
        self.steps[self.halted] = 0
        return self.halted

    def advance(self, number, score):
        self.steps += 1
        wants = (self.steps >= self.limit) | (score > 0)
        self.halted = wants & (self.steps >= self.lesson["leastSteps"][number].clamp(max=self.limit))


def held_out(w, s, lesson, step):
    """Of the held-out puzzles after all supervision steps: the share right in every cell, and the share of right cells."""
    solved, cells = [], []
    with torch.no_grad():
        for number, tokens in enumerate(lesson["heldOut.questions"].long()):
            puzzles = lesson["heldOut.puzzles"][number].long() if "heldOut.puzzles" in lesson else None
            answers = lesson["heldOut.answers"][number].long()
            y = z = w["answerStart"].new_zeros(s["batch"], s["cells"] + s["registers"], s["width"])
            for index in range(s["supervisionSteps"]):
                logits, score, y, z = step(w, s, tokens, torch.full([s["batch"]], index == 0), y, z, puzzles)
            solved.append(losses(logits, score, answers)[1])
            asked = answers > 0
            cells.append(((logits.argmax(-1) == answers) & asked).sum(-1) / asked.sum(-1))
    # Batches begin anew with the first puzzle where there are no more.
    return [torch.cat(shares)[:s["heldOutCount"]].double().mean().item() for shares in (solved, cells)]


def train(arguments):
    torch.set_num_threads(arguments.threads)
    lesson = load_file(arguments.lesson)
    with safe_open(arguments.lesson, "pt") as file:
        s = json.loads(file.metadata()["sizes"])
    w = {name[6:]: t for name, t in lesson.items() if name.startswith("first.")}
    for name, tensor in w.items():
        tensor.requires_grad_(not name.endswith(CONSTANTS))
    optimizer, slots = AdamATan2(w, s["decay"], s.get("average")), Slots(lesson, s)
    step = torch.compile(supervision_step) if arguments.compile else supervision_step
    y = z = torch.zeros(s["batch"], s["cells"] + s["registers"], s["width"])
    ours = dict(enumerate(logged(arguments.log)[0], 1))
    found, seconds, validations, count = [], [], [], min(len(lesson["rates"]), arguments.steps or len(lesson["rates"]))
    for number in range(count):
        start = time.perf_counter()
        fresh = slots.refill(number)
        rows = {name: tensor.long() for name, tensor in slots.rows.items()}
        puzzles = rows.get("puzzles")
        logits, score, y, z = step(w, s, rows["questions"], fresh, y, z, puzzles, s["gradientCycles"], s["gradientUpdates"])
        loss, _ = losses(logits, score, rows["answers"])
        loss.backward()
        optimizer.step(w, lesson["rates"][number].item(), puzzles)
        slots.advance(number, score.detach())
        seconds.append(time.perf_counter() - start)
        found.append(loss.item())
        if arguments.validate_every and (number + 1) % arguments.validate_every == 0:
            exact, cells = held_out(optimizer.average if "average" in s else w, s, lesson, step)
            validations.append({"step": number + 1, "exact_accuracy": exact, "cell_accuracy": cells})
            if arguments.output:  # A training of hours that is stopped leaves what it has found.
                write_json(arguments.output, figures(arguments, s, found, seconds, ours) | {"validations": validations})
            print(f"step {number + 1}: loss {statistics.fmean(found[-arguments.validate_every:]):.4f}, held-out puzzles "
                  f"solved {exact:.2%}, cells {cells:.2%}, {sum(seconds):.0f} s of training", flush=True)
    width = max(1, count // 10)
    print("steps        loss of PyTorch   loss of ours")
    rows = []
    for first in range(0, count - width + 1, width):
        own = [ours[n + 1] for n in range(first, first + width) if n + 1 in ours]
        row = {"from": first + 1, "to": first + width, "pytorch": statistics.fmean(found[first:first + width]),
               "ours": statistics.fmean(own) if own else None}
        rows.append(row)
        shown = f"{row['ours']:.4f}" if own else "-"
        print(f"{first + 1:5d}-{first + width:<5d}  {row['pytorch']:15.4f}   {shown:>12s}")
    exact, cells = (None, None) if arguments.fast else held_out(optimizer.average if "average" in s else w, s, lesson, step)
    kind = "torch.compile" if arguments.compile else "PyTorch"
    print(f"{kind} {torch.__version__}: {statistics.median(seconds):.4f} s a step (median), the first {seconds[0]:.1f} s")
    if count > 1 and 2 in ours:
        # Later ones drift apart, as those of PyTorch in single and in double precision do: see `write_vectors`.
        print(f"differences of the first two losses: {abs(found[0] - ours[1]):.1e}, {abs(found[1] - ours[2]):.1e}")
    if exact is not None:
        print(f"held-out puzzles solved by the {'averages' if 'average' in s else 'weights'}: {exact:.2%}, cells {cells:.2%}")
    if arguments.output:
        write_json(arguments.output, figures(arguments, s, found, seconds, ours) | {
            "rows": rows, "validations": validations, "exact_accuracy": exact, "cell_accuracy": cells})


def figures(arguments, s, found, seconds, ours):
    """What is written of the steps that were taken: losses found, and ours of as many steps as there are of the log."""
    own = [ours[step] for step in range(1, len(found) + 1) if step in ours]
    our_seconds = step_seconds(os.path.dirname(arguments.log)) if arguments.log else {}
    return {"model": "tiny-recursion", "made": made(torch.get_num_threads(), "torch", "safetensors"),
            "compiled": arguments.compile, "sizes": s, "steps": len(found),
            "time": {"twin": timing(seconds), "recurve": timing([our_seconds[step] for step in sorted(our_seconds)])},
            "losses": {"twin": curve(found), "recurve": curve(own)}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("vectors").add_argument("folder")
    twin = commands.add_parser("train")
    twin.add_argument("lesson", help="file of `recurve twin`")
    twin.add_argument("--log", help="log.jsonl of our run, to be shown beside")
    twin.add_argument("--compile", action="store_true")
    twin.add_argument("--steps", type=int)
    twin.add_argument("--threads", type=int, default=2)
    twin.add_argument("--validate-every", type=int, default=0, help="steps between judgements of the held-out puzzles")
    twin.add_argument("--fast", action="store_true", help="judges no held-out puzzles")
    twin.add_argument("-o", "--output", help="a JSON file for the figures, written with each judgement too")
    arguments = parser.parse_args()
    write_vectors(arguments.folder) if arguments.command == "vectors" else train(arguments)


main()
