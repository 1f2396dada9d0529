"""Trains a PyTorch twin of a GPT (Graphs/DecoderTransformer) from the same first weights, on the same batches.

    recurve export training arithmetic --steps 300 -o steps.safetensors
    python Tools/twins/gpt.py steps.safetensors                     (needs torch, numpy, safetensors)

Prints the losses of both side by side, how far apart they are, and the time of a step. The model, the optimizer and its rates
are those of the file; PyTorch computes eagerly, or compiled with --compile. A long run keeps checkpoints and a log of its own:

    recurve train character-gpt --data text.txt -o RUN
    recurve export training RUN --batches-only --held-out -o batches.safetensors
    python Tools/twins/gpt.py batches.safetensors --log RUN/log.jsonl --compile --checkpoint twin.pt -o twin.json

judges both on what is held out at the run's validations, and writes the figures after each.
"""

import argparse
import ctypes
import gc
import json
import os
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--log", help="log.jsonl of the run on the same batches")
    parser.add_argument("--steps", type=int, help="fewer than the file has")
    parser.add_argument("--checkpoint", help="a file to go on from where it is there, kept after each validation")
    parser.add_argument("-o", "--output", help="a JSON file for the figures")
    return parser.parse_args()


def refuse_what_differs(notes, recipe):
    if recipe["rule"] != "adamw" or recipe["accumulated_steps"] != 1:
        sys.exit(f"gpt.py: trains by adamw without accumulation, the file by {recipe['rule']}")
    if float(notes.get("dropout", 0)) > 0:
        sys.exit(f"gpt.py: trains without dropout, the file with {notes['dropout']}")
    if notes.get("positions", "rotary") not in ("learned", "sinusoidal", "rotary"):
        sys.exit(f"gpt.py: knows learned, sinusoidal and rotary positions, the file has {notes['positions']}")
    if recipe.get("average_share"):
        sys.exit("gpt.py: judges current weights, the file's recipe averages them")


class Run:
    """Weights with their optimizer, what they gave so far, and what judges them."""

    def __init__(self, options):
        self.options = options
        with safe_open(options.file, "pt") as file:
            self.notes = notes = file.metadata()
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        self.recipe = json.loads(notes["recipe"])
        refuse_what_differs(notes, self.recipe)
        self.weights = {name.removeprefix("weights.gpt."): tensor.requires_grad_()
                        for name, tensor in self.tensors.items() if name.startswith("weights.")}
        self.adam = optimizer(self.weights, self.recipe)
        self.rates = self.tensors["rates"].tolist()
        log, logged_rates, self.validations = logged(options.log)
        self.ours = self.tensors["losses"].tolist() if "losses" in self.tensors else log
        differing = [step for step, (own, other) in enumerate(zip(self.rates, logged_rates))
                     if other is not None and abs(own - other) > 1e-9]
        if differing:
            step = differing[0]
            sys.exit(f"gpt.py: the rate of step {step + 1} is {self.rates[step]} in {options.file} and "
                     f"{logged_rates[step]} in {options.log}; needs the log of a run by the same recipe")
        if len(self.ours) < len(self.rates):
            sys.exit(f"gpt.py: there are losses of {len(self.ours)} steps, needs {len(self.rates)}; "
                     "name the run's log with --log")
        self.losses, self.seconds, self.validated, self.held_out, self.memory = [], [], [], None, None
        heads, positions = int(notes["heads"]), notes.get("positions", "rotary")

        def loss_of(tokens, labels):
            return F.cross_entropy(
                scores(self.weights, tokens, heads, positions).flatten(0, 1), labels.flatten(), ignore_index=-1)

        self.judge = torch.no_grad()(loss_of)
        self.loss_of = torch.compile(loss_of) if options.compile else loss_of
        if options.checkpoint and os.path.exists(options.checkpoint):
            self.load()

    def step(self, tokens, labels):
        start = time.perf_counter()
        for group in self.adam.param_groups:
            group["lr"] = self.rates[len(self.losses)]
        self.adam.zero_grad()
        loss = self.loss_of(tokens, labels)
        loss.backward()
        if self.recipe.get("clipping_norm"):
            torch.nn.utils.clip_grad_norm_(self.weights.values(), self.recipe["clipping_norm"])
        self.adam.step()
        self.losses.append(loss.item())
        if len(self.losses) == 1 and abs(self.losses[0] - self.ours[0]) > 1e-2:
            sys.exit(f"gpt.py: the first loss is {self.losses[0]:.5f}, the run's {self.ours[0]:.5f}; "
                     "needs the losses of a run from these weights on these batches")
        self.seconds.append(time.perf_counter() - start)

    def train(self):
        batches = list(pairs(self.tensors, "inputs"))[:self.options.steps]
        validation = pairs(self.tensors, "validation")
        for tokens, labels in batches[len(self.losses):]:
            idle = resident_bytes() if len(self.losses) == 5 else None
            self.step(tokens, labels)
            if idle is not None:
                self.memory = resident_bytes(peak=True) - idle
            done = len(self.losses)
            print(f"\r{done} of {len(batches)}", end="", file=sys.stderr)
            if validation and done in self.validations:
                self.validated.append(
                    {"step": done, "recurve": self.validations[done], "twin": self.mean(validation)})
                print("\rvalidation: " + json.dumps(self.validated[-1]), flush=True)
                self.save()
        print(file=sys.stderr)
        if len(self.losses) == len(self.rates) and "held_out.tokens" in self.tensors:
            self.held_out = self.mean(pairs(self.tensors, "held_out"))
        self.save()

    def mean(self, judged):
        return statistics.fmean(self.judge(*batch).item() for batch in judged)

    def save(self):
        if self.options.checkpoint:
            torch.save({"of": self.identity(), "weights": self.weights, "adam": self.adam.state_dict(),
                        "losses": self.losses, "seconds": self.seconds, "validated": self.validated, "memory": self.memory},
                       self.options.checkpoint)
        if self.options.output:
            figures = {
                "model": self.notes["model"], "processor": processor(), "torch": torch.__version__,
                "compiled": self.options.compile, "threads": torch.get_num_threads(), "recipe": self.recipe,
                "steps": len(self.losses), "validation": self.validated, "held_out": self.held_out,
                "median_step_seconds": statistics.median(self.seconds), "working_bytes": self.memory,
                "mean_loss_difference": statistics.fmean(abs(a - b) for a, b in zip(self.ours, self.losses))}
            with open(self.options.output, "w", encoding="utf-8") as file:
                json.dump(figures, file, indent=1)
                file.write("\n")

    def identity(self):
        """What tells files apart: rates, the first batch and the recipe."""
        return [json.dumps(self.notes, sort_keys=True), self.rates, self.tensors["inputs.tokens"][0].tolist()]

    def load(self):
        kept = torch.load(self.options.checkpoint, weights_only=True)
        if kept["of"] != self.identity():
            sys.exit(f"gpt.py: {self.options.checkpoint} is of other weights, batches or rates "
                     f"than {self.options.file}")
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(kept["weights"][name])
        self.adam.load_state_dict(kept["adam"])
        self.losses, self.seconds, self.validated = kept["losses"], kept["seconds"], kept["validated"]
        self.memory = kept["memory"]

    def report(self):
        ours = self.tensors["seconds"].tolist() if "seconds" in self.tensors else None
        report(self.notes["model"], self.ours[:len(self.losses)], self.losses, ours, self.seconds)
        if self.memory is not None:
            print(f"working memory of torch: {self.memory / 1e6:.1f} MB beside weights and optimizer")
        if self.held_out is not None:
            own, steps = self.tensors.get("held_out_losses"), len(self.ours)
            ours = f"{own.mean():.5f}" if own is not None else "as `recurve run RUN` prints"
            print(f"held out: torch {self.held_out:.5f}, recurve "
                  + (ours if steps == len(self.rates) else f"of another length: {steps} steps, not {len(self.rates)}"))


def pairs(tensors, part):
    """Batches of a part: tokens and labels."""
    if f"{part}.tokens" not in tensors:
        return []
    return list(zip(tensors[f"{part}.tokens"].long(), tensors[f"{part}.labels"].long()))


def resident_bytes(peak=False):
    """Memory of this process now, or its highest since the last call without `peak`."""
    def status(key):
        with open("/proc/self/status", encoding="utf-8") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024

    if peak:
        return status("VmHWM")
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")
    return status("VmRSS")


def logged(path):
    """Losses and rates of a run's steps, and its validation losses by step."""
    if not path:
        return [], [], {}
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [line["loss"] for line in lines], [line.get("rate") for line in lines], {
        line["step"]: line["validation"]["loss"] for line in lines if line.get("validation")}


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


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
    times = [f"{name} {statistics.median(all[min(3, len(all) - 1):]) * 1e3:.1f} ms"
             for name, all in (("recurve", our_seconds), (f"torch {torch.__version__}", their_seconds)) if all]
    print("median step: " + ", ".join(times))


if __name__ == "__main__":
    options = arguments()
    torch.set_num_threads(options.threads)
    run = Run(options)
    run.train()
    run.report()
