"""Golden results of products that are aware of quantisation, from torch: writes Tests/AutogradTests/Golden/quantization.json.

The loss is the sum of slopes · output. Weights are rounded with learnt steps (LSQ, whose logarithms are learnt), inputs by
torch.fake_quantize_*.
"""

import json
import pathlib

import torch

FILE = pathlib.Path(__file__).parents[2] / "Tests" / "AutogradTests" / "Golden" / "quantization.json"


def codes(x):
    """x through 8-bit codes over its range, which has zero in it."""
    low, high = x.min().clamp(max=0), x.max().clamp(min=0)
    step = (high - low) / 255
    return torch.fake_quantize_per_tensor_affine(x, step.item(), int(torch.round(-low / step)), 0, 255)


def pass_through(rounded, x):
    return x + (rounded - x).detach()


def learnt(weight, logarithms):
    """Rows in steps of e^logarithm: Esser et al. 2020, equation 1 and the scale of the steps' gradient."""
    factor = (weight.shape[1] * 127) ** -0.5
    steps = pass_through(logarithms, logarithms * factor).exp()[:, None]
    units = (weight / steps).clamp(-127, 127)
    return pass_through(units.round(), units) * steps


def main():
    torch.manual_seed(5)
    x, weight, bias, slopes = torch.randn(5, 12), torch.randn(7, 12), torch.randn(7), torch.randn(5, 7)
    weight.requires_grad_()
    largest = weight.detach().abs().max(dim=1).values
    # Some rows are cut off, as with steps that are too small.
    logarithms = (largest / 127 * torch.tensor([1, 1.3, 0.6, 2, 0.9, 1, 8])).log().requires_grad_()
    output = torch.nn.functional.linear(codes(x), learnt(weight, logarithms), bias)
    (output * slopes).sum().backward()
    exact = torch.fake_quantize_per_channel_affine(weight.detach(), largest / 127, torch.zeros(7, dtype=torch.int32), 0, -127, 127)
    numbers = {
        "x": x, "weight": weight, "bias": bias, "slopes": slopes, "steps": logarithms, "output": output, "weight_gradient": weight.grad,
        "steps_gradient": logarithms.grad, "largest": largest, "rounded": exact, "rows": torch.stack([codes(row) for row in x]),
    }
    packed = {name: [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()] for name, tensor in numbers.items()}
    FILE.write_text(json.dumps(packed) + "\n")


if __name__ == "__main__":
    main()
