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

from events import step_seconds
from figures import curve, logged, made, replace, report, timing, without, write_json


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
        # Steps that were done each time that a program took this up, as far as checkpoints say.
        self.starts = []
        self.step_loss = torch.compile(self.loss) if options.compile else self.loss
        if options.checkpoint and os.path.exists(options.checkpoint):
            self.load()
        if len(self.losses) < self.steps():
            self.starts.append(len(self.losses))

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
            print(f"\r{len(self.losses)} of {self.steps()}, {self.seconds[-1] * 1e3:.0f} ms a step ", end="", file=sys.stderr)
            if self.validates() or len(self.losses) % self.options.checkpoint_every == 0:
                self.save()
        print(file=sys.stderr)
        if len(self.losses) == len(self.rates) and self.batches("held_out"):
            self.held_out = self.means("held_out")
        self.save()

    def validates(self):
        """Where the run validated, on the same batches; whether it did so after this step."""
        done = len(self.losses)
        if done not in self.validations or not self.batches("validation"):
            return False
        self.validated.append(
            {"step": done, "recurve": self.validations[done], "twin": self.means("validation")["loss"]})
        print("\rvalidation: " + json.dumps(self.validated[-1]), flush=True)
        return True

    @torch.no_grad()
    def means(self, part):
        """Of each measure, over the batches of a part."""
        all_found = [self.judged(*longs(batch)) for batch in self.batches(part)]
        return {name: statistics.fmean(found[name] for found in all_found) for name in all_found[0]}

    def save(self):
        if self.options.checkpoint:
            kept = {"of": self.identity(), "weights": self.weights, "adam": self.adam.state_dict(), "losses": self.losses,
                    "seconds": self.seconds, "validated": self.validated, "memory": self.memory, "starts": self.starts}
            replace(self.options.checkpoint, lambda path: torch.save(kept, path))
        if self.options.output:
            write_json(self.options.output, self.figures())

    def figures(self):
        ours = self.ours[:len(self.losses)]
        return {
            "model": self.notes["model"], "made": made(torch.get_num_threads(), "torch", "safetensors"),
            "compiled": self.options.compile, "recipe": self.recipe, "notes": without(self.notes, "model", "recipe"),
            "steps": len(self.losses), "of_steps": len(self.rates), "starts": self.starts,
            "time": {"twin": timing(self.seconds), "recurve": timing(self.our_seconds())},
            "working_bytes": self.memory, "validation": self.validated,
            "held_out": {"twin": self.held_out, "recurve": self.our_held_out()},
            "mean_loss_difference": statistics.fmean(abs(a - b) for a, b in zip(ours, self.losses)),
            "losses": {"twin": curve(self.losses), "recurve": curve(ours)}}

    def our_seconds(self):
        """Of the run's steps: as the file has them, else by the events beside the log, where there are any."""
        if "seconds" in self.tensors:
            return self.tensors["seconds"].tolist()
        found = step_seconds(os.path.dirname(self.options.log)) if self.options.log else {}
        return [found[step] for step in range(1, len(self.rates) + 1) if step in found]

    def our_held_out(self):
        """What the run has of the held-out batches: as the file says, or what `recurve run RUN --json` printed; else None."""
        if "held_out_losses" in self.tensors and len(self.ours) == len(self.rates):
            return {"loss": self.tensors["held_out_losses"].mean().item()}
        if not self.options.judged:
            return None
        with open(self.options.judged, encoding="utf-8") as file:
            found = json.load(file)
        return {name: value for name, value in found.items() if name == "loss" or name.endswith("accuracy")}

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
        # Older checkpoints do not say when they were gone on from.
        self.memory, self.starts = kept["memory"], kept.get("starts", [])

    def report(self):
        report(self.notes["model"], self.ours, self.losses, self.our_seconds(), self.seconds)
        if self.memory is not None:
            print(f"working memory of torch: {self.memory / 1e6:.1f} MB beside weights and optimizer")
        if self.held_out is not None:
            found = [("torch", self.held_out), ("recurve", self.our_held_out() or {"as": "`recurve run RUN` prints"})]
            for name, measures in found:
                print(f"held out, {name}: " + ", ".join(f"{key} {value}" for key, value in measures.items()))


def main(twin, description):
    """Trains a twin as the command line says, and reports."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="first weights, batches and rates")
    parser.add_argument("--threads", type=positive, default=2, help="of each operation; 2 without it, on any machine")
    parser.add_argument("--compile", action="store_true", help="compiles the loss with its gradient by torch.compile")
    parser.add_argument("--log", help="log.jsonl of the run on the same batches")
    parser.add_argument("--steps", type=positive, help="fewer than the file has")
    parser.add_argument("--checkpoint", help="a file to go on from where it is there")
    parser.add_argument("--checkpoint-every", type=positive, default=100, help="steps between checkpoints; 100 without it")
    parser.add_argument("--judged", help="what `recurve run RUN --json` printed, to stand beside what is held out")
    parser.add_argument("-o", "--output", help="a JSON file for the figures, written with each validation and checkpoint")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = twin(options)
    run.train()
    run.report()


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"is {number}, needs at least 1")
    return number


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
