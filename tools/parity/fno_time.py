"""tools/parity/fno_time.py - fno with time: true in PyTorch, and fixtures of its numbers.

    /usr/bin/python3 tools/parity/fno_time.py [tests/fixtures/operators]
"""
import os
import sys

from fno import FNO, Map, NeuralopFNO
from stfno import Head
from tensors import write_case

from torch import nn


class Time(nn.Module):
    """The layers of `body` over a window of time, and the last one of stfno. The state_dict has the
    body's names beside head.weight and head.bias."""

    def __init__(self, body, fields, history, window, frames, modes):
        super().__init__()
        for name, part in body.named_children():
            self.add_module(name, part)
        self.body = [body]  # not a part with a name of its own
        self.head = Head(fields, modes)
        self.fields, self.history, self.window, self.frames = fields, history, window, frames

    def forward(self, x):
        newest = x[:, (self.history - 1) * self.fields : self.history * self.fields].unsqueeze(2)
        v = self.body[0](x.unsqueeze(2).expand(-1, -1, self.window, -1, -1))
        y = self.head(newest, v, self.frames)
        return y.transpose(1, 2).flatten(1, 2)


def main(folder):
    for name, fields, history, rest, window, frames, grid, head, deck, make in (
        ("fno_time", 1, 3, 0, 4, 4, (5, 8), (2, 2, 3), "", FNO),
        ("fno_time_frames", 1, 1, 1, 3, 5, (6, 7), (3, 3, 2), "head_modes: [3, 3, 2]", FNO),
        ("fno_time_neuralop", 2, 2, 0, 4, 4, (5, 6), (2, 2, 3), "form: neuralop", NeuralopFNO),
    ):
        modes, padding = (2, 2, 3), 0.5
        channels = history * fields + rest
        body = make(channels, fields, 4, modes, 2, 5, padding=(padding, 0, 0), conv=Map)
        module = Time(body, fields, history, window, frames, head)
        settings = "width: 4, modes: [2, 2, 3], layers: 2, projection: 5, time: true, padding: 0.5"
        metadata = {"fields": fields, "history": history, "window": window, "frames": frames}
        write_case(os.path.join(folder, name + ".safetensors"), "fno",
                   ", ".join(filter(None, (settings, deck))), module,
                   (channels, frames * fields), grid,
                   metadata={key: str(value) for key, value in metadata.items()})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
