"""What scikit-learn, SciPy, PyTorch and TorchMetrics say of some made-up embeddings and logits.

Writes Tests/EvaluationTests/Golden/evaluation.json with inputs and results.

Needs: pip install scikit-learn scipy torch torchmetrics; made with scikit-learn 1.9, SciPy 1.17, PyTorch 2.13, TorchMetrics 1.9.
"""

import json
import pathlib

import scipy.optimize
import scipy.stats
import sklearn.metrics
import torch

import tiny_model as tiny

tiny.mend_torchvision()

import torchmetrics.functional as metrics  # noqa: E402
import torchmetrics.retrieval  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/EvaluationTests/Golden/evaluation.json"
ROWS, WIDTH, CLASSES = 40, 6, 7


def rounded(*shape, scale=1.0):
    """Normal numbers that a short decimal fraction tells exactly enough."""
    return (torch.randn(*shape) * scale * 1000).round() / 1000


def retrieval(a, b, groups):
    """Recall is that of the first hit: TorchMetrics' hit rate."""
    result = {}
    similarities = a @ b.T
    relevant = groups[:, None] == groups[None, :]
    indexes = torch.arange(ROWS)[:, None].expand(ROWS, ROWS)
    for count in (1, 5, 10):
        rate = torchmetrics.retrieval.RetrievalHitRate(top_k=count)
        result[count] = float(rate(similarities.flatten(), relevant.flatten(), indexes=indexes.flatten()))
    return result


def main():
    torch.manual_seed(5)
    a = tiny.unit(rounded(ROWS, WIDTH))
    b = tiny.unit(a + 0.6 * rounded(ROWS, WIDTH))
    groups = torch.arange(ROWS) // 4
    logits, targets = rounded(ROWS, CLASSES, scale=2), torch.randint(CLASSES, (ROWS,))
    logits[torch.arange(ROWS), targets] += 1.5
    prompts = [rounded(count, WIDTH) for count in (1, 3, 2)]
    classes = tiny.unit(torch.stack([tiny.unit(rows).mean(0) for rows in prompts]))
    labels = range(CLASSES)

    def loss(temperature):
        return float(torch.nn.functional.cross_entropy(logits.double() / temperature, targets))

    fitted = scipy.optimize.minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-9}).x
    calibration = {
        str(temperature): float(metrics.classification.multiclass_calibration_error(
            (logits / temperature).softmax(-1), targets, CLASSES, n_bins=15, norm="l1")) for temperature in (1, 2)}
    golden = {
        "a": a.tolist(), "b": b.tolist(), "logits": logits.tolist(), "targets": targets.tolist(), "groups": groups.tolist(),
        "prompts": [rows.tolist() for rows in prompts], "classes": classes.tolist(), "zeroShot": (a @ classes.T).tolist(),
        "forward": retrieval(a, b, torch.arange(ROWS)), "backward": retrieval(b, a, torch.arange(ROWS)),
        "grouped": retrieval(a, b, groups),
        "top": {count: sklearn.metrics.top_k_accuracy_score(targets, logits, k=count, labels=labels) for count in (1, 3, 5)},
        "confusion": sklearn.metrics.confusion_matrix(targets, logits.argmax(-1), labels=labels).tolist(),
        "calibration": calibration, "temperature": fitted,
        # Of samples drawn again the number of right answers is binomial.
        "interval": [scipy.stats.binom.ppf(part, 200, 0.7) / 200 for part in (0.025, 0.975)],
    }
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")


main()
