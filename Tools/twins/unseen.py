"""PyTorch twins of the models that nobody tuned for (Tools/benchmark/Workloads/Unseen), in several forms.

    recurve-benchmark unseen --python PYTHON                        (needs torch, safetensors; starts this by itself)
    python Tools/twins/unseen.py MODEL FORM numbers.safetensors [THREADS]     then `step N`, `time SECONDS`, `memory` on standard input

Answers are lists of numbers: losses; seconds of all processors and of each step; bytes of two steps beyond what stays between. Weights and inputs are
those of the file; names of inputs begin with `in.`.
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

from training import resident_bytes

LOOPS, HEADS, LAYERS = 6, 4, 2


def rms_norm(x):
    return F.rms_norm(x, x.shape[-1:], eps=1e-5)


def cross_entropy(scores, targets):
    return F.cross_entropy(scores.flatten(0, -2), targets.flatten())


class Numbers:
    """Weights by what their names end with, which they share with no other."""

    def __init__(self, path):
        tensors = load_file(path)
        self.inputs = {
            name[3:]: tensor.long() if tensor.dtype == torch.int32 else tensor
            for name, tensor in tensors.items() if name.startswith("in.")
        }
        self.weights = {
            name: tensor.requires_grad_("mask" not in name)
            for name, tensor in tensors.items() if not name.startswith("in.")
        }

    def __call__(self, ending, layer=None):
        own = [name for name in self.weights if name.endswith(ending) and (layer is None or f".{layer}." in name)]
        if len(own) != 1:
            raise SystemExit(f"found {own} for {ending}, needs one of {list(self.weights)}")
        return self.weights[own[0]]

    @property
    def trained(self):
        return [weight for weight in self.weights.values() if weight.requires_grad]


class LSTM:
    """`cudnn-style` is torch.nn.LSTM, whose gates have the same order."""

    clips = True

    def __init__(self, numbers, form):
        self.numbers, self.parameters = numbers, numbers.trained
        batch = numbers.inputs["tokens"].shape[0]
        width = numbers("recurrent.weight").shape[1]
        self.state = [torch.zeros(batch, width), torch.zeros(batch, width)]
        self.layer = None
        if form == "cudnn-style":
            self.layer = nn.LSTM(width, width)
            with torch.no_grad():
                self.layer.weight_ih_l0.copy_(numbers("input.weight"))
                self.layer.weight_hh_l0.copy_(numbers("recurrent.weight"))
                self.layer.bias_ih_l0.copy_(numbers("input.bias"))
                self.layer.bias_ih_l0[width:2 * width] += 1
                self.layer.bias_hh_l0.zero_().requires_grad_(False)
            self.parameters = [numbers("embedding.table"), numbers("readout.weight"), numbers("readout.bias")]
            self.parameters += [weight for weight in self.layer.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.Adam(self.parameters, lr=3e-3, fused=True)

    def scores(self, tokens, h, c):
        numbers = self.numbers
        embedded = F.embedding(tokens, numbers("embedding.table"))
        if self.layer:
            out, (h, c) = self.layer(embedded.transpose(0, 1), (h[None], c[None]))
            h, c = h[0], c[0]
        else:
            x, out = F.linear(embedded, numbers("input.weight"), numbers("input.bias")).transpose(0, 1), []
            for position in x:
                i, f, g, o = (position + F.linear(h, numbers("recurrent.weight"))).chunk(4, -1)
                c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
                out.append(h)
            out = torch.stack(out)
        return F.linear(out.transpose(0, 1), numbers("readout.weight"), numbers("readout.bias")), h, c

    def loss(self, run):
        inputs = self.numbers.inputs
        scores, h, c = run(inputs["tokens"], *self.state)
        self.state = [h.detach(), c.detach()]
        return cross_entropy(scores, inputs["targets"])


class Looped:
    clips = True

    def __init__(self, numbers, form):
        self.numbers, self.parameters = numbers, numbers.trained
        groups = [
            dict(params=[p for p in self.parameters if p.dim() > 1], weight_decay=0.1),
            dict(params=[p for p in self.parameters if p.dim() <= 1], weight_decay=0)]
        self.optimizer = torch.optim.AdamW(groups, lr=2e-3, betas=(0.9, 0.95), fused=True)

    def block(self, h):
        numbers, width = self.numbers, h.shape[-1]
        a = F.layer_norm(h, [width], numbers("gain1"), None, 1e-5)
        q, k, v = F.linear(a, numbers("queryKeyValue.weight")).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        a = h + F.linear(mixed, numbers("output.weight"))
        inner = F.layer_norm(a, [width], numbers("gain2"), None, 1e-5)
        inner = F.gelu(F.linear(inner, numbers("up.weight"), numbers("up.bias")), approximate="tanh")
        return a + F.linear(inner, numbers("down.weight"), numbers("down.bias"))

    def scores(self, tokens, keep):
        x = (F.embedding(tokens, self.numbers("embedding.table")) + self.numbers("positions")) * keep
        h = x
        for _ in range(LOOPS):
            h = self.block(h + x)
        return F.linear(F.layer_norm(h, h.shape[-1:]), self.numbers("embedding.table"))

    def loss(self, run):
        inputs = self.numbers.inputs
        return cross_entropy(run(inputs["tokens"], inputs["dropout_mask"]), inputs["targets"])


class Convolutional:
    clips = False

    def __init__(self, numbers, form):
        self.numbers, self.is_last = numbers, form.endswith("channels-last")
        memory = torch.channels_last if self.is_last else torch.contiguous_format

        def kernel(name, inputs):
            weight = numbers(name + ".linear.weight").detach()
            return weight.unflatten(1, (3, 3, inputs)).permute(0, 3, 1, 2).contiguous(memory_format=memory).requires_grad_()

        self.first = kernel("first", 1)
        self.second = kernel("second", self.first.shape[0])
        self.readout = numbers("readout.weight")
        if not self.is_last:
            half = numbers.inputs["x"].shape[1] // 2
            pixels = self.readout.detach().unflatten(1, (half, half, -1))
            self.readout = pixels.permute(0, 3, 1, 2).flatten(1).contiguous().requires_grad_()
        self.biases = [numbers(name) for name in ("first.linear.bias", "second.linear.bias", "readout.bias")]
        self.parameters = [self.first, self.second, self.readout] + self.biases
        self.optimizer = torch.optim.Adam(self.parameters, lr=2e-3, fused=True)

    def scores(self, x):
        x = x[:, None]
        if self.is_last:
            x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu(F.conv2d(x, self.first, self.biases[0], padding=1))
        x = F.max_pool2d(F.relu(F.conv2d(x, self.second, self.biases[1], padding=1)), 2)
        if self.is_last:
            x = x.permute(0, 2, 3, 1)
        return F.linear(x.flatten(1), self.readout, self.biases[2])

    def loss(self, run):
        inputs = self.numbers.inputs
        return F.cross_entropy(run(inputs["x"]), inputs["label"])


class Scan:
    """Two layers of a scan over positions and a gated feed-forward layer."""

    clips = False

    def __init__(self, numbers, form):
        self.numbers, self.parameters, self.form = numbers, numbers.trained, form
        self.optimizer = torch.optim.AdamW(self.parameters, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)

    def scores(self, tokens):
        numbers = self.numbers
        h = F.embedding(tokens, numbers("embedding.table"))
        for layer in range(LAYERS):
            h = h + self.mixed(rms_norm(h), lambda name: numbers(name, layer))
            gate, up = F.linear(rms_norm(h), numbers("gateUp.weight", layer)).chunk(2, -1)
            h = h + F.linear(F.silu(gate) * up, numbers("down.weight", layer))
        return F.linear(rms_norm(h), numbers("readout.weight"))

    def loss(self, run):
        inputs = self.numbers.inputs
        return cross_entropy(run(inputs["tokens"]), inputs["targets"])


class Mamba(Scan):
    def mixed(self, x, own):
        inner, size = own("logA").shape
        parts = F.linear(x, own("project.weight")).split([inner, inner, inner, size, size], -1)
        u, z, dt, b, c = F.silu(parts[0]), F.silu(parts[1]), F.softplus(parts[2] + own("dtBias")), parts[3], parts[4]
        decay, added = torch.exp(dt[..., None] * -own("logA")), (dt * u)[..., None] * b[:, :, None]
        h, outputs = torch.zeros(x.shape[0], inner, size), []
        for position in range(x.shape[1]):
            h = decay[:, position] * h + added[:, position]
            outputs.append((h @ c[:, position, :, None])[..., 0])
        return F.linear((torch.stack(outputs, 1) + u * own("skip")) * z, own("out.weight"))


class Delta(Scan):
    """`chunked` takes all positions at once (Yang et al. 2024, section 3.3), `eager` one after the other."""

    def mixed(self, x, own):
        batch, length, width = x.shape
        q, k, v = F.linear(x, own("qkv.weight")).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        q, k = (t * torch.rsqrt((t * t).sum(-1, keepdim=True) + 1e-6) for t in (q, k))
        gates = F.linear(x, own("gates.weight"), own("gates.bias")).transpose(1, 2)
        decay, beta = gates[:, :HEADS] + 3, torch.sigmoid(gates[:, HEADS:])
        rule = self.chunked if "chunked" in self.form else self.sequential
        out = rms_norm(rule(q, k, v, decay, beta)).transpose(1, 2).reshape(batch, length, width)
        return F.linear(out, own("output.weight"))

    def sequential(self, q, k, v, decay, beta):
        decay, outputs = torch.sigmoid(decay), []
        state = torch.zeros(*q.shape[:2], v.shape[-1], k.shape[-1])
        for t in range(q.shape[2]):
            state = state * decay[:, :, t, None, None]
            old = (state @ k[:, :, t, :, None])[..., 0]
            change = (v[:, :, t] - old) * beta[:, :, t, None]
            state = state + change[..., None] * k[:, :, t, None]
            outputs.append((state @ q[:, :, t, :, None])[..., 0])
        return torch.stack(outputs, 2)

    def chunked(self, q, k, v, decay, beta):
        # One chunk of 64 positions: the state before it is 0.
        total = F.logsigmoid(decay).cumsum(-1)
        length = q.shape[2]
        low = torch.tril(torch.ones(length, length, dtype=torch.bool))
        ratio = torch.where(low, torch.exp(torch.where(low, total[..., :, None] - total[..., None, :], 0.0)), 0.0)
        k_beta, v_beta = k * beta[..., None], v * beta[..., None]
        system = torch.tril((k_beta @ k.transpose(-1, -2)) * ratio, -1) + torch.eye(length)
        changes = torch.linalg.solve_triangular(system, v_beta, upper=False, unitriangular=True)
        return ((q @ k.transpose(-1, -2)) * ratio) @ changes


class MinimalGRU(Scan):
    """`parallel` takes all positions at once, in logarithms (Feng et al. 2024, appendix B), `eager` one after the other."""

    def mixed(self, x, own):
        gate, value = F.linear(x, own("project.weight")).chunk(2, -1)
        if "parallel" in self.form:
            decay = -F.softplus(gate).cumsum(1)
            candidates = torch.where(value >= 0, torch.log(F.relu(value) + 0.5), -F.softplus(-value))
            out = torch.exp(decay + torch.logcumsumexp(-F.softplus(-gate) + candidates - decay, 1))
            return F.linear(out, own("out.weight"))
        z, candidates = torch.sigmoid(gate), torch.where(value >= 0, value + 0.5, torch.sigmoid(value))
        h, outputs = torch.zeros_like(z[:, 0]), []
        for position in range(x.shape[1]):
            h = (1 - z[:, position]) * h + z[:, position] * candidates[:, position]
            outputs.append(h)
        return F.linear(torch.stack(outputs, 1), own("out.weight"))


MODELS = {"lstm": LSTM, "looped": Looped, "conv": Convolutional, "delta": Delta, "mamba": Mamba, "mingru": MinimalGRU}


def main():
    name, form, path, threads = (sys.argv[1:] + ["2"])[:4]
    torch.set_num_threads(int(threads))
    model = MODELS[name](Numbers(path), form)
    run = torch.compile(model.scores) if form.startswith("compiled") else model.scores

    def step():
        loss = model.loss(run)
        loss.backward()
        if model.clips:
            nn.utils.clip_grad_norm_(model.parameters, 1.0)
        model.optimizer.step()
        model.optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def timed(seconds):
        times, end, busy = [], time.perf_counter() + seconds, time.process_time()
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return [time.process_time() - busy] + times

    def memory():
        idle = resident_bytes()
        step(), step()
        return [resident_bytes(peak=True) - idle]

    for line in sys.stdin:
        word, *rest = line.split()
        answer = {"step": lambda: [step() for _ in range(int(rest[0]))], "time": lambda: timed(float(rest[0])),
                  "memory": memory, "ready": lambda: [0]}[word]()
        print(json.dumps(answer), flush=True)


main()
