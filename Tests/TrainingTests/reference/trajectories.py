"""Writes trajectories.json: what PyTorch's optimizers do with two small weights in double precision over 100 steps.

    python3 trajectories.py > trajectories.json

The loss of step t = 0, 1, ... is sum(scale (w - target)^2) + sum(w push_t); every number is exact in single precision.
AdamATan2 is not part of PyTorch: it is the published kernel (imoneoi/adam-atan2, csrc/ops.cu) in numpy.
"""

import json
import math

import numpy as np
import torch

STEPS, RATE, SHAPES = 100, 1 / 64, {"matrix": (2, 3), "bias": (3,)}


def initial(shape):
    n = math.prod(shape)
    return np.array([((5 * i) % 7 - 3) / 4 for i in range(n)]).reshape(shape)


def target(shape):
    n = math.prod(shape)
    return np.array([((3 * i) % 5 - 2) / 8 for i in range(n)]).reshape(shape)


def scale(shape):
    n = math.prod(shape)
    return np.array([2.0 ** (i % 5 - 3) for i in range(n)]).reshape(shape)


def push(shape, t):
    n = math.prod(shape)
    return np.array([((7 * t + 3 * i) % 11 - 5) / 16 for i in range(n)]).reshape(shape)


def gradient(name, w, t):
    shape = SHAPES[name]
    return 2 * scale(shape) * (w - target(shape)) + push(shape, t)


def flat(weights):
    return [float(x) for name in SHAPES for x in np.asarray(weights[name]).reshape(-1)]


def kept(t):
    return t < 5 or (t + 1) % 10 == 0


def run(make, every=1, clip=None, average=None):
    w = {name: torch.tensor(initial(s), requires_grad=True) for name, s in SHAPES.items()}
    shadow = {name: initial(s) for name, s in SHAPES.items()}
    optimizer = make(w)
    found = []
    for t in range(STEPS):
        for name, p in w.items():
            s = SHAPES[name]
            loss = (torch.tensor(scale(s)) * (p - torch.tensor(target(s))) ** 2 + p * torch.tensor(push(s, t))).sum()
            (loss / every).backward()
        if (t + 1) % every == 0:
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(list(w.values()), clip)
            optimizer.step()
            optimizer.zero_grad()
            if average is not None:
                shadow = {n: average * shadow[n] + (1 - average) * p.detach().numpy() for n, p in w.items()}
        if kept(t):
            found.append(flat({n: p.detach().numpy() for n, p in w.items()} if average is None else shadow))
    return found


def adam_atan2(betas, decay):
    w = {name: initial(s) for name, s in SHAPES.items()}
    m = {name: np.zeros(s) for name, s in SHAPES.items()}
    v = {name: np.zeros(s) for name, s in SHAPES.items()}
    found = []
    for t in range(STEPS):
        for n in SHAPES:
            g = gradient(n, w[n], t)
            p = w[n] * (1 - RATE * decay)
            m[n] = m[n] + (1 - betas[0]) * (g - m[n])
            v[n] = v[n] + (1 - betas[1]) * (g * g - v[n])
            step_size = RATE / (1 - betas[0] ** (t + 1))
            denominator = np.sqrt(v[n]) / math.sqrt(1 - betas[1] ** (t + 1))
            w[n] = p - step_size * np.arctan2(m[n], denominator)
        if kept(t):
            found.append(flat(w))
    return found


def torch_cases():
    o = torch.optim
    plain = lambda kind, **settings: lambda w: kind(list(w.values()), lr=RATE, **settings)
    groups = lambda w: o.AdamW(
        [{"params": [w["matrix"]], "weight_decay": 0.5}, {"params": [w["bias"]], "weight_decay": 0.0}],
        lr=RATE, betas=(0.9, 0.95))
    adamw = plain(o.AdamW, betas=(0.9, 0.95), weight_decay=0.1)
    yield "sgd", run(plain(o.SGD))
    yield "sgd-decay", run(plain(o.SGD, weight_decay=0.25))
    yield "momentum", run(plain(o.SGD, momentum=0.9))
    yield "momentum-decay", run(plain(o.SGD, momentum=0.75, weight_decay=0.25))
    yield "nesterov", run(plain(o.SGD, momentum=0.9, nesterov=True))
    yield "nesterov-decay", run(plain(o.SGD, momentum=0.75, nesterov=True, weight_decay=0.25))
    yield "adagrad", run(plain(o.Adagrad))
    yield "adagrad-decay", run(plain(o.Adagrad, initial_accumulator_value=0.5, eps=1e-6, weight_decay=0.25))
    yield "rmsprop", run(plain(o.RMSprop))
    yield "rmsprop-momentum", run(plain(o.RMSprop, alpha=0.9, momentum=0.5, weight_decay=0.25))
    yield "adam", run(plain(o.Adam))
    yield "adam-decay", run(plain(o.Adam, betas=(0.8, 0.9), weight_decay=0.25))
    yield "adamw", run(adamw)
    yield "adamw-groups", run(groups)
    yield "sgd-clipped", run(plain(o.SGD), clip=0.75)
    yield "adamw-accumulated", run(adamw, every=4)
    yield "momentum-accumulated-clipped", run(plain(o.SGD, momentum=0.9), every=3, clip=0.5)
    yield "adamw-averaged", run(adamw, average=0.95)
    yield "adamw-averaged-accumulated", run(adamw, every=4, average=0.75)


def schedules():
    s = torch.optim.lr_scheduler

    def rates(make):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
        schedule, found = make(optimizer), []
        for _ in range(STEPS):
            found.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        return found

    def warmed(make):
        rise = lambda o: s.LambdaLR(o, lambda t: (t + 1) / 10)
        return lambda o: s.SequentialLR(o, [rise(o), make(o)], milestones=[10])

    return {
        "constant": rates(lambda o: s.LambdaLR(o, lambda t: 1.0)),
        "warm-up": rates(lambda o: s.LambdaLR(o, lambda t: min(1, (t + 1) / 10))),
        "steps": rates(lambda o: s.StepLR(o, 30, 0.1)),
        "cosine": rates(lambda o: s.CosineAnnealingLR(o, STEPS, eta_min=0.05)),
        "linear": rates(lambda o: s.LinearLR(o, 1.0, 0.2, 80)),
        "warm-up-cosine": rates(warmed(lambda o: s.CosineAnnealingLR(o, 90))),
    }


def main():
    cases = dict(torch_cases())
    cases["adam-atan2"] = adam_atan2((0.9, 0.95), 1.0)
    cases["adam-atan2-free"] = adam_atan2((0.9, 0.99), 0.0)
    rows = [f'"{name}": [\n  ' + ",\n  ".join(json.dumps(row) for row in rows) + "]" for name, rows in cases.items()]
    rates = [f'"{name}": {json.dumps(row)}' for name, row in schedules().items()]
    steps = json.dumps([t + 1 for t in range(STEPS) if kept(t)])
    print('{"torch": "' + torch.__version__ + '", "steps": ' + steps)
    print(', "trajectories": {\n' + ",\n".join(rows) + '}\n, "schedules": {\n' + ",\n".join(rates) + "}}")


main()
