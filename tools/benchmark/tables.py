"""What tools/bench prints: a table for each model and thread count, ratios over all, and the project's aims, met or missed."""
import statistics

from benchmark import catalog

HEAD = ("engine", "p50 ms", "p90 ms", "ratio", "GMAC/s", "cold ms", "ratio", "less Python", "peak MB", "ratio", "less Python",
        "engine MB", "cosine")
LEGEND = """
ratio: how many times what tributary takes. p50, p90: of inferences in a row, the input being there; the others round it to integers
within this time, tributary when it is brought, which is not in it. GMAC/s: the multiply-adds of the float32 model over p50, the same for
all engines. cold: from the start of the process to the first result. peak: most resident memory after all inferences. less Python:
without what Python with numpy takes before the engine is imported; tributary has none, and ratios and aims are of the whole. engine: the
shared libraries of its package that it maps; of tributary its binary ({shipped}). cosine: mean closeness to float32 on {held_out} inputs
that calibration has not seen: of tributary's to its own float interpreter, of the others' to PyTorch. All are medians over rounds; each
measurement is a process of its own, and rounds begin with another engine each."""


class Results:
    """The measurements: {(model, threads, engine): [one a round]}, and {(model, engine): why there is none}."""

    def __init__(self, work, shipped):
        self.work, self.shipped = work, shipped  # multiply-adds by model; what tributary's binary is
        self.runs, self.failures = {}, {}

    def has(self, model, threads, engine):
        return bool(self.runs.get((model, threads, engine))) and (model, engine) not in self.failures

    def median(self, model, threads, engine, key):
        return statistics.median(run[key] for run in self.runs[model, threads, engine])

    def own(self, model, threads, engine, key, python):
        """Without what Python takes."""
        return statistics.median(run[key] - run.get(python, 0) for run in self.runs[model, threads, engine])

    def ratio(self, model, threads, engine, key):
        if not self.has(model, threads, catalog.OURS):
            return None
        return self.median(model, threads, engine, key) / self.median(model, threads, catalog.OURS, key)

    def best(self, model, threads, key, of=min):
        """(value, engine) of the best INT8 engine beside tributary."""
        rivals = [name for name, engine in catalog.ENGINES.items() if engine.is_int8 and name != catalog.OURS]
        found = [(self.median(model, threads, name, key), name) for name in rivals if self.has(model, threads, name)]
        return of(found) if found else None


def aligned(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        yield "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(line, widths)))


def times(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def engine_line(results, model, threads, engine):
    def median(key):
        return results.median(model, threads, engine, key)

    p50, cosine = median("p50_ms"), median("cosine")
    start = results.own(model, threads, engine, "cold_start_ms", "python_ms")
    memory = results.own(model, threads, engine, "peak_memory_bytes", "python_memory_bytes")
    return (engine, f"{p50:.3f}", f"{median('p90_ms'):.3f}", times(results.ratio(model, threads, engine, "p50_ms")),
            f"{results.work[model] / p50 / 1e6:.1f}", f"{median('cold_start_ms'):.0f}",
            times(results.ratio(model, threads, engine, "cold_start_ms")), f"{start:.0f}", f"{median('peak_memory_bytes') / 1e6:.0f}",
            times(results.ratio(model, threads, engine, "peak_memory_bytes")), f"{memory / 1e6:.0f}",
            f"{median('engine_bytes') / 1e6:.1f}", f"{cosine:.5f}")


def tables(results, models, threads, engines):
    for model in models:
        for count in threads:
            print(f"\n{catalog.MODELS[model].title}; {count} thread{'s' if count > 1 else ''}")
            there = [engine for engine in engines if results.has(model, count, engine)]
            yield from aligned([HEAD, *(engine_line(results, model, count, engine) for engine in there)])
            for engine in engines:
                if engine not in there:
                    yield f"{engine}  failed: {results.failures.get((model, engine), 'not measured')}"


def summary(results, models, threads):
    """One line a model and thread count: how many times as fast as the best of the others."""
    lines = [("against the best INT8 engine", "threads", "tributary ms", "best ms", "ratio", "which")]
    for model in models:
        for count in threads:
            best = results.best(model, count, "p50_ms")
            if best and results.has(model, count, catalog.OURS):
                ours = results.median(model, count, catalog.OURS, "p50_ms")
                lines.append((model, str(count), f"{ours:.3f}", f"{best[0]:.3f}", f"{best[0] / ours:.2f}", best[1]))
            else:
                lines.append((model, str(count), "-", "-", "-", "not available"))
    return aligned(lines)


# ---------------------------------------------------------------- aims
def verdict(name, cases, holds, show, hardest=min):
    """One line: whether an aim is met in all cases, and the hardest of them. A case is (number, model, threads, engine)."""
    if not cases:
        return f"open    {name}: nothing to compare"
    number, model, threads, engine = hardest(cases)
    missed = [case for case in cases if not holds(case)]
    where = f"{show(number)} ({model}, {threads} thread{'s' if threads > 1 else ''}, against {engine})"
    more = f"; missed in {len(missed)} of {len(cases)}" if missed else f"; in all {len(cases)}"
    return f"{'missed' if missed else 'met   '}  {name}: at worst {where}{more}"


def cases(results, models, threads, key):
    """(how many times tributary's the best other engine's is, model, threads, engine)."""
    for model in models:
        for count in threads:
            best = results.best(model, count, key)
            if best and results.has(model, count, catalog.OURS):
                yield best[0] / results.median(model, count, catalog.OURS, key), model, count, best[1]


def cosine_cases(results, models, threads):
    """(how much closer tributary is than the closest other engine, …)."""
    for model in models:
        best = results.best(model, threads[0], "cosine", of=max)
        if best and results.has(model, threads[0], catalog.OURS):
            yield results.median(model, threads[0], catalog.OURS, "cosine") - best[0], model, threads[0], best[1]


def aims(results, models, threads):
    groups = {catalog.TRANSFORMER: "transformers", catalog.CONVOLUTIONS: "convolutional networks"}
    for least, title in groups.items():
        members = [model for model in models if catalog.MODELS[model].faster == least]
        yield verdict(f"latency, {title}, at least {least} ×", [*cases(results, members, threads, "p50_ms")],
                      lambda case: case[0] >= least, lambda ratio: f"{ratio:.2f} ×")
    yield verdict(f"cold start, at least {catalog.COLD_START} ×", [*cases(results, models, threads, "cold_start_ms")],
                  lambda case: case[0] >= catalog.COLD_START, lambda ratio: f"{ratio:.1f} ×")
    yield verdict(f"peak memory, at most {catalog.MEMORY} of the leanest",
                  [(1 / ratio, *rest) for ratio, *rest in cases(results, models, threads, "peak_memory_bytes")],
                  lambda case: case[0] <= catalog.MEMORY, lambda part: f"{part:.2f}", hardest=max)
    yield verdict("cosine, no worse than the closest INT8 engine", [*cosine_cases(results, models, threads)],
                  lambda case: case[0] >= 0, lambda difference: f"{difference:+.5f}")
    absent = [model for model in models if (model, catalog.OURS) in results.failures]
    if absent:
        yield f"not available in tributary, so not judged: {', '.join(absent)}"


def show(results, models, threads, engines):
    for line in tables(results, models, threads, engines):
        print(line)
    print(LEGEND.format(shipped=results.shipped, held_out=catalog.HELD_OUT))
    for part in (summary(results, models, threads), aims(results, models, threads)):
        print()
        for line in part:
            print(line)
