"""What every twin writes of its run: on which machine, with which versions, how long, and how the loss fell.

Figures are one JSON file. `made` says where and how: the processor's name, how many of them the process may use, threads, versions
and the command. Of a long run's losses there is the mean of every so many steps, so that files stay small enough to be committed.
Needs nothing but Python.
"""

import importlib.metadata
import json
import os
import platform
import shlex
import statistics
import sys


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def made(threads, *packages):
    """Where and how figures came about; packages are those whose versions matter."""
    return {
        "processor": processor(), "processors": len(os.sched_getaffinity(0)), "threads": threads,
        "python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages},
        "command": shlex.join(["python3", os.path.join("Tools", "twins", os.path.basename(sys.argv[0]))] + sys.argv[1:])}


def timing(seconds):
    """Of the steps of training alone; the first compiles where anything does, and the median is of those behind the third.

    Slow steps took more than five medians: compilation, or a program that was stopped for a while. Without them the total says
    how long training takes.
    """
    if not seconds:
        return None
    median = statistics.median(seconds[min(3, len(seconds) - 1):])
    slow = [second for second in seconds if second > 5 * median]
    return {"steps": len(seconds), "median_milliseconds": round(median * 1e3, 3), "first_seconds": round(seconds[0], 3),
            "total_seconds": round(sum(seconds), 3), "slow_steps": len(slow), "slow_seconds": round(sum(slow), 3)}


def curve(losses, points=150):
    """Mean losses of as many steps each, at most so many means; the last may be of fewer steps.

    Where there are no more steps than points these are the losses themselves.
    """
    every = max(1, -(-len(losses) // points))
    means = [round(statistics.fmean(losses[first:first + every]), 6) for first in range(0, len(losses), every)]
    return {"steps_each": every, "means": means}


def without(record, *names):
    return {name: record[name] for name in sorted(record) if name not in names}


def replace(path, write):
    """Lets a file be written beside another, whose place it takes at once or not at all."""
    write(path + ".new")
    os.replace(path + ".new", path)


def write_json(path, value):
    def write(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(laid_out(value) + "\n")

    replace(path, write)


def laid_out(value, margin=""):
    """JSON with a line for each name, and one for a list of numbers or a record that fits into it."""
    flat = json.dumps(value)
    is_list_of_numbers = isinstance(value, list) and not any(isinstance(part, (dict, list)) for part in value)
    if is_list_of_numbers or not isinstance(value, (dict, list)) or len(flat) + len(margin) <= 130:
        return flat
    inner = margin + " "
    if isinstance(value, list):
        parts, (first, last) = [laid_out(part, inner) for part in value], "[]"
    else:
        parts, (first, last) = [f"{json.dumps(key)}: {laid_out(part, inner)}" for key, part in value.items()], "{}"
    return f"{first}\n{inner}" + f",\n{inner}".join(parts) + f"\n{margin}{last}"


def logged(path):
    """Losses and rates of a run's steps, and its validation losses by step."""
    if not path:
        return [], [], {}
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [line["loss"] for line in lines], [line.get("rate") for line in lines], {
        line["step"]: line["validation"]["loss"] for line in lines if "loss" in (line.get("validation") or {})}


def report(model, ours, theirs, our_seconds, their_seconds):
    """Prints losses and times of a run and its twin, as far as the twin came."""
    print(f"{'step':>6}  {'recurve':>9}  {'torch':>9}  {'apart':>8}")
    count = len(theirs)
    for step in sorted({1, 2, 5, 10, 20, 50, count} | set(range(100, count + 1, max(count // 10, 1)))):
        if step <= count:
            found, needed = ours[step - 1], theirs[step - 1]
            print(f"{step:>6}  {found:>9.5f}  {needed:>9.5f}  {abs(found - needed):>8.1e}")
    last = max(count // 10, 1)
    means = [sum(losses[-last:]) / last for losses in (ours[:count], theirs)]
    print(f"{model}, mean loss of the last {last} steps: recurve {means[0]:.5f}, torch {means[1]:.5f}")
    apart = [abs(a - b) for a, b in zip(ours, theirs)]
    print(f"losses apart: {statistics.fmean(apart):.1e} in the mean, at most {max(apart[:150]):.1e} in the first "
          f"{min(count, 150)} steps")
    for name, found in (("recurve", timing(our_seconds)), ("torch", timing(their_seconds))):
        if found:
            print(f"{name}: {found['median_milliseconds']:.1f} ms a step (median), {found['total_seconds']:.1f} s for "
                  f"{found['steps']} steps, of which {found['slow_seconds']:.1f} s for {found['slow_steps']} slow ones, the "
                  f"first {found['first_seconds']:.1f} s")
