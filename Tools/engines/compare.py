"""Runs StableHLO texts that `recurve-fuzz engines FOLDER` has written with XLA, as jaxlib brings it, and compares.

A case is NAME.mlir beside NAME.safetensors, which holds operands in0, in1, ... and results out0, out1, ...; cases.json
lists them and says of which every bit must be the same.
"""

import json
import pathlib
import sys

import jax
import jaxlib
import numpy
from jax.extend import backend
from jaxlib import xla_client
from safetensors.numpy import load_file


def run(client, text, operands):
    devices = xla_client.DeviceList(tuple(client.local_devices()[:1]))
    loaded = client.compile_and_load(text, devices, xla_client.CompileOptions())
    arrays = [jax.device_put(operand, client.local_devices()[0]) for operand in operands]
    return [numpy.asarray(result) for result in loaded.execute(arrays)]


def difference(found, needed, exact):
    """0 where all is well, else how far they are apart, relative to the norm."""
    if found.shape != needed.shape or found.dtype != needed.dtype:
        return numpy.inf
    if exact or not numpy.issubdtype(needed.dtype, numpy.floating):
        both = numpy.isnan(found) & numpy.isnan(needed) if numpy.issubdtype(needed.dtype, numpy.floating) else False
        same = (found == needed) & (numpy.signbit(found) == numpy.signbit(needed)) if both is not False else found == needed
        return 0.0 if numpy.all(same | both) else numpy.inf
    found, needed = found.astype(numpy.float64), needed.astype(numpy.float64)
    odd = ~numpy.isfinite(needed) | ~numpy.isfinite(found)
    if not numpy.array_equal(found[odd], needed[odd], equal_nan=True):
        return numpy.inf
    # Numbers may be as large as there are; their squares may not.
    scale = max(numpy.abs(needed[~odd]).max(initial=0), 1e-300)
    norm = numpy.linalg.norm(needed[~odd] / scale)
    return float(numpy.linalg.norm((found - needed)[~odd] / scale) / max(norm, 1e-30))


def main(folder):
    jax.config.update("jax_enable_x64", True)
    folder = pathlib.Path(folder)
    client = backend.get_backend("cpu")
    cases = json.loads((folder / "cases.json").read_text())
    failed, worst = [], 0.0
    for number, case in enumerate(cases):
        tensors = load_file(folder / (case["file"] + ".safetensors"))
        count = sum(name.startswith("in") for name in tensors)
        operands = [tensors[f"in{position}"] for position in range(count)]
        try:
            results = run(client, (folder / (case["file"] + ".mlir")).read_text(), operands)
        except Exception as error:  # a text that the engine refuses is a finding
            failed.append((case["name"], str(error).splitlines()[0][:300]))
            continue
        needed = sum(name.startswith("out") for name in tensors)
        if len(results) != needed:
            failed.append((case["name"], f"{len(results)} results, needs {needed}"))
            continue
        for position, result in enumerate(results):
            found = difference(result, tensors[f"out{position}"], case["exact"])
            if not found <= case["tolerance"]:
                failed.append((case["name"], f"result {position} differs by {found:.3g}"))
            elif found > worst:
                worst = found
        print(f"\r{number + 1} of {len(cases)}, {len(failed)} differ", end="", file=sys.stderr)
    print(file=sys.stderr)
    for name, problem in failed:
        print(f"{name}: {problem}")
    print(f"{len(cases)} cases on XLA of jaxlib {jaxlib.__version__}:"
          f" {len(failed)} findings, the others within {worst:.2g} of the norm")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
