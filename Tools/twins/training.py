"""What twins share that train beside a run of ours: from the same first weights, on the same batches, by the same rates.

A twin is a `Run` that says what its loss is; `main` trains it, keeps checkpoints and figures, and prints both side by side.
Needs torch and safetensors.
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
from safetensors import safe_open


class Run:
    """Weights with their optimizer, what they gave so far, and what judges them.

    The file has weights.PATH; inputs.NAME of all steps, [steps, ...], and rates; validation.NAME and held_out.NAME, the batches
    that judge; and the recipe among its notes.
    """

    # Of the weights' names in the file.
    prefix = "weights."
    # What a batch consists of, as the loss takes it.
    parts = ("tokens", "labels")

    def __init__(self, options):
        self.options = options
        with safe_open(options.file, "pt") as file:
            self.notes = file.metadata()
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        self.recipe = json.loads(self.notes["recipe"])
        self.refuse_what_differs()
        self.weights = {name.removeprefix(self.prefix): tensor.requires_grad_()
                        for name, tensor in self.tensors.items() if name.startswith("weights.")}
        self.adam = optimizer(self.weights, self.recipe)
        self.rates = self.tensors["rates"].tolist()
        self.ours, self.validations = self.known()
        self.losses, self.seconds, self.validated, self.held_out, self.memory = [], [], [], None, None
        self.step_loss = torch.compile(self.loss) if options.compile else self.loss
        if options.checkpoint and os.path.exists(options.checkpoint):
            self.load()

    def loss(self, *batch):
        """Of the parts of a batch, by the present weights."""
        raise NotImplementedError

    def judged(self, *batch):
        """What judges the weights by a batch, by name; `loss` is among it."""
        return {"loss": self.loss(*batch).item()}

    def refuse_what_differs(self):
        if self.recipe["rule"] != "adamw" or self.recipe["accumulated_steps"] != 1:
            refuse(f"trains by adamw without accumulation, the file by {self.recipe['rule']}")
        if float(self.notes.get("dropout", 0)) > 0:
            refuse(f"trains without dropout, the file with {self.notes['dropout']}")
        if self.recipe.get("average_share"):
            refuse("judges current weights, the file's recipe averages them")

    def known(self):
        """Losses and validations of the run, whose rates must be those of the file."""
        log, logged_rates, validations = logged(self.options.log)
        for step, (own, other) in enumerate(zip(self.rates, logged_rates)):
            if other is not None and abs(own - other) > 1e-9:
                refuse(f"the rate of step {step + 1} is {own} in {self.options.file} and {other} in {self.options.log}; "
                       "needs the log of a run by the same recipe")
        losses = self.tensors["losses"].tolist() if "losses" in self.tensors else log
        if len(losses) < self.steps():
            refuse(f"there are losses of {len(losses)} steps, needs {self.steps()}; name the run's log with --log")
        return losses, validations

    def steps(self):
        """That are to be taken in all."""
        return min(len(self.rates), self.options.steps or len(self.rates))

    def batches(self, part):
        """Batches of a part of the file; none where it has not got it."""
        if f"{part}.{self.parts[0]}" not in self.tensors:
            return []
        return list(zip(*(self.tensors[f"{part}.{name}"] for name in self.parts)))

    def step(self, batch):
        start = time.perf_counter()
        for group in self.adam.param_groups:
            group["lr"] = self.rates[len(self.losses)]
        self.adam.zero_grad()
        loss = self.step_loss(*batch)
        loss.backward()
        if self.recipe.get("clipping_norm"):
            torch.nn.utils.clip_grad_norm_(self.weights.values(), self.recipe["clipping_norm"])
        self.adam.step()
        self.losses.append(loss.item())
        if len(self.losses) == 1 and abs(self.losses[0] - self.ours[0]) > 1e-3:
            refuse(f"the first loss is {self.losses[0]:.5f}, the run's {self.ours[0]:.5f}; "
                   "needs the losses of a run from these weights on these batches")
        self.seconds.append(time.perf_counter() - start)

    def train(self):
        for batch in self.batches("inputs")[len(self.losses):self.steps()]:
            idle = resident_bytes() if len(self.losses) == 5 else None
            self.step(longs(batch))
            if idle is not None:
                self.memory = resident_bytes(peak=True) - idle
            print(f"\r{len(self.losses)} of {self.steps()}", end="", file=sys.stderr)
            self.validate()
        print(file=sys.stderr)
        if len(self.losses) == len(self.rates) and self.batches("held_out"):
            self.held_out = self.means("held_out")
        self.save()

    def validate(self):
        """Beside the run's, where it validated; then all of it is kept."""
        done = len(self.losses)
        if done not in self.validations or not self.batches("validation"):
            return
        self.validated.append(
            {"step": done, "recurve": self.validations[done], "twin": self.means("validation")["loss"]})
        print("\rvalidation: " + json.dumps(self.validated[-1]), flush=True)
        self.save()

    @torch.no_grad()
    def means(self, part):
        """Of each measure, over the batches of a part."""
        all_found = [self.judged(*longs(batch)) for batch in self.batches(part)]
        return {name: statistics.fmean(found[name] for found in all_found) for name in all_found[0]}

    def save(self):
        if self.options.checkpoint:
            kept = {"of": self.identity(), "weights": self.weights, "adam": self.adam.state_dict(), "losses": self.losses,
                    "seconds": self.seconds, "validated": self.validated, "memory": self.memory}
            replace(self.options.checkpoint, lambda path: torch.save(kept, path))
        if self.options.output:
            write_json(self.options.output, self.figures(), indent=1)

    def figures(self):
        held_out = self.held_out or {"loss": None}
        return {
            "model": self.notes["model"], "processor": processor(), "torch": torch.__version__,
            "compiled": self.options.compile, "threads": torch.get_num_threads(), "recipe": self.recipe,
            "steps": len(self.losses), "validation": self.validated, "held_out": held_out["loss"],
            **{f"held_out_{name}": value for name, value in held_out.items() if name != "loss"},
            "median_step_seconds": statistics.median(self.seconds), "working_bytes": self.memory,
            "mean_loss_difference": statistics.fmean(abs(a - b) for a, b in zip(self.ours, self.losses))}

    def identity(self):
        """What tells files apart: rates, the first batch and the recipe."""
        return [json.dumps(self.notes, sort_keys=True), self.rates, self.tensors["inputs.tokens"][0].tolist()]

    def load(self):
        kept = torch.load(self.options.checkpoint, weights_only=True)
        if kept.get("of") != self.identity():
            refuse(f"{self.options.checkpoint} is of other weights, batches or rates than {self.options.file}")
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
            found = ", ".join(f"{name} {value:.5f}" for name, value in self.held_out.items())
            print(f"held out: torch {found}; recurve "
                  + (ours if steps == len(self.rates) else f"of another length: {steps} steps, not {len(self.rates)}"))


def main(twin, description):
    """Trains a twin as the command line says, and reports."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="first weights, batches and rates")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="compiles the loss with its gradient by torch.compile")
    parser.add_argument("--log", help="log.jsonl of the run on the same batches")
    parser.add_argument("--steps", type=int, help="fewer than the file has")
    parser.add_argument("--checkpoint", help="a file to go on from where it is there, kept after each validation")
    parser.add_argument("-o", "--output", help="a JSON file for the figures")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = twin(options)
    run.train()
    run.report()


def refuse(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


def longs(batch):
    return [tensor.long() for tensor in batch]


def optimizer(weights, recipe):
    decayed = [w for w in weights.values() if w.dim() > 1 or not recipe["decays_matrices_only"]]
    others = [w for w in weights.values() if w.dim() <= 1 and recipe["decays_matrices_only"]]
    groups = [{"params": decayed, "weight_decay": recipe.get("weight_decay", 0.1)},
              {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([g for g in groups if g["params"]], betas=(0.9, 0.95), eps=1e-8)


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
        line["step"]: line["validation"]["loss"] for line in lines if "loss" in (line.get("validation") or {})}


def replace(path, write):
    """Lets a file be written beside another, whose place it takes at once or not at all."""
    write(path + ".new")
    os.replace(path + ".new", path)


def write_json(path, value, indent=None):
    def write(path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=indent)
            file.write("\n")

    replace(path, write)


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
    apart = [abs(a - b) for a, b in zip(ours, theirs)]
    print(f"losses apart: {statistics.fmean(apart):.1e} in the mean, at most {max(apart[:150]):.1e} in the first "
          f"{min(count, 150)} steps")
    times = [f"{name} {statistics.median(all[min(3, len(all) - 1):]) * 1e3:.1f} ms"
             for name, all in (("recurve", our_seconds), (f"torch {torch.__version__}", their_seconds)) if all]
    print("median step: " + ", ".join(times))
