"""tools/parity/ops.py - what PyTorch makes of the operations of leray/impl/ops.h.

Writes tests/fixtures/tensor/ops.bin, which tests/tensor_ops.c reads:

    /usr/bin/python3 tools/parity/ops.py [tests/fixtures/tensor/ops.bin]

For every case: the arrays CASE.0, CASE.1, .. that go in and CASE.y that comes out, computed in
float64; tools/parity/common.py describes the file.
"""
import sys

import torch
import torch.nn.functional as F

from common import array

conv = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
conv_transpose = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def pad(x, before, after, mode, value=0.0):
    amounts = [a for pair in reversed(list(zip(before, after))) for a in pair]
    if mode == "constant":
        return F.pad(x, amounts, mode, value)
    return F.pad(x, amounts, mode)


def convolve(x, w, b, before, after, mode="constant", **settings):
    return conv[x.dim() - 2](pad(x, before, after, mode), w, b, **settings)


def r(*shape):
    return torch.randn(*shape)


def cases():
    x = [r(2, 3, 9), r(4, 3, 3), r(4)]
    yield "conv1", x, convolve(*x, [1], [1])
    x = [r(2, 4, 10), r(6, 2, 3), r(6)]
    yield "conv1_groups", x, convolve(*x, [2], [1], "circular", stride=2, groups=2)
    x = [r(2, 3, 7, 8), r(4, 3, 3, 3), r(4)]
    yield "conv2", x, convolve(*x, [1, 1], [1, 1])
    yield "conv2_periodic", x, convolve(*x, [1, 1], [1, 1], "circular")
    yield "conv2_replicate", x, convolve(*x, [2, 1], [0, 3], "replicate")
    x = [r(2, 3, 11, 9), r(4, 3, 3, 2)]
    yield "conv2_stride", x, convolve(*x, None, [1, 0], [0, 1], stride=(2, 3))
    yield "conv2_dilation", x, convolve(*x, None, [2, 1], [2, 2], "circular", dilation=(2, 3))
    x = [r(2, 6, 5, 6), r(6, 1, 3, 3), r(6)]
    yield "conv2_depthwise", x, convolve(*x, [1, 1], [1, 1], groups=6)
    x = [r(1, 20, 17, 35), r(8, 20, 3, 3), r(8)]
    yield "conv2_large", x, convolve(*x, [1, 1], [1, 1], "circular")
    x = [r(2, 20, 9, 13), r(18, 20, 3, 3), r(18)]
    yield "conv2_many", x, convolve(*x, [1, 1], [1, 1])
    yield "conv2_many_periodic", x, convolve(*x, [1, 1], [1, 1], "circular")
    yield "conv2_many_replicate", x, convolve(*x, [0, 1], [1, 2], "replicate")
    x = [r(2, 18, 5, 6), r(18, 20, 3, 3), r(20)]
    yield "up2_many", x, conv_transpose[2](*x, padding=1)
    x = [r(2, 2, 4, 5, 6), r(3, 2, 3, 2, 3), r(3)]
    yield "conv3", x, convolve(*x, [1, 0, 1], [1, 1, 1])
    yield "conv3_periodic", x, convolve(*x, [1, 0, 1], [1, 1, 1], "circular", stride=(1, 2, 1))
    yield "conv3_replicate", x, convolve(*x, [1, 1, 2], [1, 1, 2], "replicate", dilation=(1, 2, 2))

    x = [r(2, 3, 5), r(3, 4, 4), r(4)]
    yield "up1", x, conv_transpose[1](*x, stride=2, padding=1)
    x = [r(2, 4, 5, 4), r(4, 3, 3, 3), r(3)]
    yield "up2", x, conv_transpose[2](*x, stride=2, padding=1, output_padding=(1, 0))
    yield "up2_dilation", x, conv_transpose[2](*x, stride=(1, 3), dilation=(2, 1))
    x = [r(2, 4, 5, 4), r(4, 3, 2, 2), r(6)]
    yield "up2_groups", x, conv_transpose[2](*x, stride=2, groups=2)
    x = [r(1, 3, 3, 4, 2), r(3, 2, 3, 2, 3), r(2)]
    yield "up3", x, conv_transpose[3](*x, stride=2, padding=(1, 0, 1), output_padding=(1, 1, 0))

    x = [2 * r(2, 6, 5, 7) + 3, r(6), r(6)]
    yield "group_norm", x, F.group_norm(x[0], 2, x[1], x[2], 1e-5)
    yield "group_norm_one", x, F.group_norm(x[0], 1, x[1], x[2], 1e-3)
    yield "instance_norm", x[:1], F.instance_norm(x[0], eps=1e-5)
    x = [2 * r(3, 5, 7) + 3, r(7), r(7)]
    yield "layer_norm", x, F.layer_norm(x[0], (7,), x[1], x[2], 1e-5)
    x = [2 * r(2, 6, 5, 7) + 3, r(6), r(6)]
    y = F.layer_norm(x[0].movedim(1, -1), (6,), x[1], x[2], 1e-5).movedim(-1, 1)
    yield "layer_norm_channels", x, y

    x = [r(2, 3, 9)]
    yield "max_pool1", x, F.max_pool1d(x[0], 3, 2)
    yield "mean_pool1", x, F.avg_pool1d(x[0], 3, 2)
    x = [r(2, 3, 8, 7)]
    yield "max_pool2", x, F.max_pool2d(x[0], (2, 3), (2, 1))
    yield "mean_pool2", x, F.avg_pool2d(x[0], (2, 3), (2, 1))
    yield "nearest2", x, F.interpolate(x[0], (16, 5), mode="nearest")
    yield "linear2", x, F.interpolate(x[0], (13, 21), mode="bilinear", align_corners=False)
    yield "linear2_down", x, F.interpolate(x[0], (5, 4), mode="bilinear", align_corners=False)
    yield "pad2", x, pad(x[0], [1, 2], [0, 3], "constant", 0.75)
    yield "pad2_periodic", x, pad(x[0], [1, 2], [0, 3], "circular")
    yield "pad2_replicate", x, pad(x[0], [1, 2], [0, 3], "replicate")
    yield "crop2", x, x[0][:, :, 1:-2, 0:-3]
    yield "grid_sum", x, x[0].sum((2, 3))
    yield "grid_mean", x, x[0].mean((2, 3))
    yield "slice", x, x[0][:, :, 2:5]
    yield "permute", x, x[0].permute(3, 0, 2, 1)
    x = [r(1, 2, 4, 5, 6)]
    yield "max_pool3", x, F.max_pool3d(x[0], 2, 2)
    yield "mean_pool3", x, F.avg_pool3d(x[0], 2, 1)
    yield "linear3", x, F.interpolate(x[0], (7, 3, 9), mode="trilinear", align_corners=False)
    x = [r(1, 2, 6)]
    yield "linear1", x, F.interpolate(x[0], 11, mode="linear", align_corners=False)
    x = [r(2, 3, 4), r(2, 2, 4)]
    yield "concat", x, torch.cat(x, 1)

    x = [r(2, 3, 4, 5), r(2, 3, 5, 6)]
    yield "matmul", x, x[0] @ x[1]
    x = [r(2, 5, 4), r(2, 6, 5)]
    yield "matmul_transposed", x, x[0].mT @ x[1].mT
    x = [3 * r(2, 3, 9)]
    yield "softmax", x, x[0].softmax(-1)
    yield "silu", x, F.silu(x[0])
    yield "sigmoid", x, x[0].sigmoid()
    yield "sin", x, x[0].sin()
    yield "exp", x, x[0].exp()
    x = [r(2, 3, 70, 8), r(2, 3, 9, 8), r(2, 3, 9, 5)]
    y = (x[0] @ x[1].mT / 8**0.5).softmax(-1) @ x[2]
    yield "attention", x, y


def main(path):
    torch.manual_seed(31)
    torch.set_default_dtype(torch.float64)
    with open(path, "wb") as f:
        for name, inputs, y in cases():
            for i, x in enumerate(inputs):
                array(f, "%s.%d" % (name, i), x)
            array(f, name + ".y", y)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/tensor/ops.bin")
