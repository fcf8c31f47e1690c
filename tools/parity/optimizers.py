"""tools/parity/optimizers.py - ten steps of each optimizer, and schedules, in PyTorch.

    /usr/bin/python3 tools/parity/optimizers.py [tests/fixtures/operators/optimizers.bin]

writes what tests/operators_optimizers.c and tests/operators_schedules.c read; common.py describes
the file. Everything is in float64. The weights are two arrays, a [5, 3] and b [4, 2], b being four
complex numbers; the loss is sum c (w - t)^2 / 2 + sin(w) over all of them.
"""
import sys

import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

from common import record

STEPS = 10


class Weights(torch.nn.Module):
    def __init__(self, start):
        super().__init__()
        self.a = torch.nn.Parameter(start[:15].clone().view(5, 3))
        self.b = torch.nn.Parameter(start[15:].clone().view(4, 2))

    def flat(self):
        return torch.cat([self.a.flatten(), self.b.flatten()])


class Lamb(torch.optim.Optimizer):
    """Algorithm 2 of You et al., "Large batch optimization for deep learning", ICLR 2020, with the
    identity as phi. A tensor of complex numbers as pairs of reals has one norm."""

    def __init__(self, params, **defaults):
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for x in group["params"]:
                s = self.state[x]
                if not s:
                    s.update(t=0, m=torch.zeros_like(x), v=torch.zeros_like(x))
                s["t"] += 1
                s["m"] = b1 * s["m"] + (1 - b1) * x.grad
                s["v"] = b2 * s["v"] + (1 - b2) * x.grad**2
                m = s["m"] / (1 - b1 ** s["t"])
                v = s["v"] / (1 - b2 ** s["t"])
                r = m / (v.sqrt() + group["eps"]) + group["weight_decay"] * x
                x -= group["lr"] * x.norm() / r.norm() * r


def run(start, c, t, make, clip=None, average=None):
    """The weights after ten steps, and their running mean. PyTorch's clip_grad_norm_ divides by
    norm + 1e-6; here the norm is exact."""
    model = Weights(start)
    optimizer = make(model.parameters())
    mean = AveragedModel(model, avg_fn=lambda a, p, n: average * a + (1 - average) * p)
    for _ in range(STEPS):
        optimizer.zero_grad()
        w = model.flat()
        (c * (w - t) ** 2 / 2 + torch.sin(w)).sum().backward()
        if clip:
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            for p in model.parameters():
                p.grad *= min(1, clip / norm)
        optimizer.step()
        if average:
            mean.update_parameters(model)
    return model.flat(), mean.module.flat()


def factors(make, n, losses=None):
    """Learning rates over n steps of an optimizer whose lr is 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = make(optimizer), []
    for i in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if losses is None:
            if i + 1 < n:
                schedule.step()
        else:
            schedule.step(losses[i])
    return torch.tensor(rates)


def write(path):
    torch.manual_seed(8)
    torch.set_default_dtype(torch.float64)
    start, t = torch.randn(23).float().double(), torch.randn(23).float().double()
    c = (0.2 + torch.rand(23)).float().double()
    sgd, adamw = torch.optim.SGD, torch.optim.AdamW
    cases = {
        "sgd": lambda p: sgd(p, lr=0.1),
        "momentum": lambda p: sgd(p, lr=0.1, momentum=0.9),
        "nesterov": lambda p: sgd(p, lr=0.1, momentum=0.9, nesterov=True),
        "decay": lambda p: sgd(p, lr=0.1, weight_decay=0.05),
        "all": lambda p: sgd(p, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05),
        "adamw": lambda p: adamw(p, lr=0.05, betas=(0.8, 0.95), weight_decay=0.1),
        "lamb": lambda p: Lamb(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    }
    with open(path, "wb") as f:
        for name, x in (("start", start), ("t", t), ("c", c)):
            record(f, name, x)
        for name, make in cases.items():
            record(f, name, run(start, c, t, make)[0])
        record(f, "clip", run(start, c, t, cases["momentum"], clip=0.7)[0])
        record(f, "average", run(start, c, t, cases["adamw"], average=0.8)[1])
        losses = torch.exp(-torch.arange(60.0) / 10) + 0.02 * torch.rand(60)
        record(f, "losses", losses)
        for name, make in (
            ("step", lambda o: lr_scheduler.StepLR(o, 10, 0.5)),
            ("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, 50, 0.1)),
            ("one_cycle", lambda o: lr_scheduler.OneCycleLR(o, 1.0, 50)),
            ("one_cycle_late", lambda o: lr_scheduler.OneCycleLR(
                o, 1.0, 50, pct_start=0.6, div_factor=10, final_div_factor=100)),
        ):
            record(f, name, factors(make, 50))
        for name, keys in (
            ("plateau", dict(factor=0.5, patience=2)),
            ("plateau_cooldown", dict(factor=0.3, patience=1, cooldown=3, threshold=0.1,
                                      min_lr=0.01)),
        ):
            make = lambda o: lr_scheduler.ReduceLROnPlateau(o, eps=0, **keys)
            record(f, name, factors(make, 60, losses))


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators/optimizers.bin")
