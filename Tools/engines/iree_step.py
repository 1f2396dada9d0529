"""Runs a step that `recurve export stablehlo MODEL -o STEP.mlir` has written through IREE and through XLA, and compares.

    iree_step.py STEP BELOW

Inputs are whole numbers below BELOW, every one of them at least once where there is room: rows of a table that no input names
have no gradient, and IREE takes atan2(0, 0), by which Adam-atan2 would leave them alone, for no number. Exit code 1 where a
result differs by more than 5e-5 of its norm.
"""

import json
import pathlib
import sys
from importlib.metadata import version

import iree.compiler
import iree.runtime
import jax
import numpy
from jax.extend import backend
from safetensors.numpy import load_file

from compare import difference, run

TYPES = {"f32": numpy.float32, "f64": numpy.float64, "i32": numpy.int32, "bool": numpy.bool_}
TOLERANCE = 5e-5


def operands(step, below):
    description = json.loads(step.with_suffix(".json").read_text())
    kept = load_file(step.with_suffix(".safetensors"))
    random = numpy.random.default_rng(1)

    def operand(port):
        if port["name"] in kept:
            return kept[port["name"]]
        if port["name"] == "learning_rate":
            return numpy.float32(1e-3)
        count = 2 if port["element_type"] == "bool" else below
        drawn = random.permutation(numpy.arange(numpy.prod(port["shape"], dtype=int)) % count)
        return numpy.asarray(drawn.reshape(port["shape"]), TYPES[port["element_type"]])

    return [operand(port) for port in description["parameters"]], [port["name"] for port in description["results"]]


def main(path, below):
    jax.config.update("jax_enable_x64", True)
    step = pathlib.Path(path)
    text = step.with_suffix(".mlir").read_text()
    given, names = operands(step, below)
    expected = run(backend.get_backend("cpu"), text, given)
    # Without the second, numbers in double precision, such as counts of steps, would silently become shorter ones.
    flags = ["--iree-llvmcpu-target-cpu=host", "--iree-input-demote-f64-to-f32=false"]
    compiled = iree.compiler.compile_str(
        text, input_type="stablehlo", target_backends=["llvm-cpu"], extra_args=flags)
    config = iree.runtime.Config("local-task")
    module = iree.runtime.VmModule.copy_buffer(config.vm_instance, compiled)
    loaded = iree.runtime.load_vm_module(module, config)
    # Booleans are bytes at this border.
    results = loaded.main(*[numpy.asarray(o, numpy.int8) if o.dtype == numpy.bool_ else o for o in given])
    worst = ("", 0.0)
    for name, found, needed in zip(names, results, expected, strict=True):
        found = numpy.asarray(found.to_host()).astype(needed.dtype)
        apart = difference(found, needed, False)
        if not apart <= worst[1]:
            worst = (name, apart)
    print(f"IREE {version('iree-base-compiler')}: {len(names)} results within {worst[1]:.2g} of the norm ({worst[0]})")
    return 0 if worst[1] <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
