"""Fits the polynomials of Sources/CKernels/polynomials.h and measures them in float32, operation by operation as the kernels do.

Usage: python3 tools/oracles/polynomials.py        (needs numpy and scipy)
"""

import numpy as np
from scipy.optimize import linprog
from scipy.special import ndtr

GELU_BOUND = 4.75
GELU_DEGREE = 8
EXP2_DEGREE = 5
F = np.float32


def minimax(basis, target):
    """Coefficients c that minimise max |basis·c − target|: a linear programme on the points."""
    ones = np.ones((len(basis), 1))
    scale = np.abs(basis).max(axis=0)
    unit = 1e-5  # the solver's tolerances are absolute: the error is measured in this unit
    a = basis / scale / unit
    solution = linprog(
        np.append(np.zeros(len(scale)), 1.0),
        A_ub=np.block([[a, -ones], [-a, -ones]]),
        b_ub=np.concatenate([target, -target]) / unit,
        bounds=[(None, None)] * len(scale) + [(0, None)],
        method="highs-ds",
    )
    assert solution.success, solution.message
    return solution.x[: len(scale)] / scale


def chebyshev_points(low, high, count):
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def fit_gelu():
    """gelu(x) = max(x, 0) − z·w²·P(w) with z = min(|x|, bound), w = bound − z: P for the least absolute error of gelu."""
    z = chebyshev_points(0, GELU_BOUND, 4000)
    w = GELU_BOUND - z
    basis = (z * w * w)[:, None] * w[:, None] ** np.arange(GELU_DEGREE + 1)
    return minimax(basis, z * ndtr(-z))


def horner32(v, coefficients):
    p = np.full_like(v, coefficients[-1])
    for c in coefficients[-2::-1]:
        p = p * v + c
    return p


def polynomial32(v, coefficients):
    """The odd and the even terms by Horner's rule in v², then odd · v + even."""
    square = v * v
    return horner32(square, coefficients[1::2]) * v + horner32(square, coefficients[0::2])


def gelu32(x, coefficients):
    z = np.minimum(np.abs(x), F(GELU_BOUND))
    w = F(GELU_BOUND) - z
    return np.maximum(x, F(0)) - (w * w * z) * polynomial32(w, coefficients)


def fit_exp2():
    """2^f for |f| ≤ 1/2 with the constant term 1: least relative error."""
    f = chebyshev_points(-0.5, 0.5, 4000)
    powers = np.arange(1, EXP2_DEGREE + 1)
    weight = 2.0**-f
    c = minimax(f[:, None] ** powers * weight[:, None], 1 - weight)
    return np.append(1.0, c)


def exp2_32(t, coefficients):
    magic = F(12582912)
    whole = (t + magic) - magic
    return np.ldexp(polynomial32(t - whole, coefficients), whole.astype(np.int32))


def shorthex(c):
    mantissa, exponent = float(c).hex().split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + exponent


def show(name, coefficients):
    for index, c in enumerate(coefficients):
        print(f"#define {name}_{index} {shorthex(c)}f")


def main():
    gelu = fit_gelu().astype(F)
    x = np.concatenate(
        [np.linspace(-2 * GELU_BOUND, 2 * GELU_BOUND, 20_000_001), np.geomspace(1e-30, 1e30, 100_001)]
    ).astype(F)
    x = np.concatenate([x, -x])
    exact = x.astype(np.float64) * ndtr(x.astype(np.float64))
    got = gelu32(x, gelu)
    show("KERNELS_GELU", gelu)
    print(f"gelu: bound {GELU_BOUND}, max abs error {np.abs(got - exact).max():.3g}")
    outside = np.abs(x) >= GELU_BOUND
    assert (got[outside] == np.maximum(x[outside], 0)).all()

    exp2 = fit_exp2().astype(F)
    t = np.linspace(-30, 0, 20_000_001).astype(F)
    got = exp2_32(t, exp2)
    show("KERNELS_EXP2", exp2)
    print(f"exp2: max relative error {np.abs(got / np.exp2(t.astype(np.float64)) - 1).max():.3g}, exp2(0) = {got[-1]}, max {got.max()}")


if __name__ == "__main__":
    main()
