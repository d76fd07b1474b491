/// A page that shows the metrics and reads them anew each second. It is one file, asks for nothing but `/metrics`, and puts what comes from
/// devices nowhere but in texts.
enum MetricsPage {
  static let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'"

  static let html = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>tributary-peer</title>
    <style>\(style)</style>
    </head>
    <body>
    <h1>tributary-peer <small id="state">…</small></h1>
    <section id="tiles"></section>
    <h2>Splits</h2>
    <table id="splits"></table>
    <h2>Devices</h2>
    <table id="devices"></table>
    <h2>Batches</h2>
    <table id="batches"></table>
    <h2>Errors told</h2>
    <table id="errors"></table>
    <p>Rates and latencies are of the last ten seconds, counts since the start. <a href="metrics">All metrics</a></p>
    <script>\(script)</script>
    </body>
    </html>

    """

  private static let style = """

    :root { color-scheme: light dark; --line: #8884; --soft: #8882; }
    body { font: 15px/1.4 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; } small, p { opacity: .7; font-weight: normal; }
    #tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .75rem; }
    #tiles div { background: var(--soft); border-radius: .5rem; padding: .6rem .8rem; }
    #tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    td, th { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); font-weight: normal; }
    th { opacity: .7; } td:first-child, th:first-child { text-align: left; overflow-wrap: anywhere; }

    """

  private static let script = #"""

    const history = [];
    const parse = text => text.split("\n").filter(line => line && line[0] != "#").map(line => {
      const [, name, labels, value] = /^tributary_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
      const entries = [...(labels || "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(found =>
        [found[1], found[2].replace(/\\(.)/g, (_, c) => c == "n" ? "\n" : c)]);
      return { name, labels: Object.fromEntries(entries), value: Number(value) };
    });
    const all = (samples, name, labels = {}) => samples.filter(sample =>
      sample.name == name && Object.entries(labels).every(([key, value]) => sample.labels[key] == value));
    const sum = (...query) => all(...query).reduce((total, sample) => total + sample.value, 0);
    const now = () => history[history.length - 1];
    const grown = (name, labels) => sum(now().samples, name, labels) - sum(history[0].samples, name, labels);
    const rate = (name, labels) => history.length < 2 ? 0 : grown(name, labels) / (now().time - history[0].time) * 1000;
    const number = value => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
    function latency(share, labels) {
      const bounds = [...new Set(all(now().samples, "answer_seconds_bucket", labels).map(sample => sample.labels.le))];
      const counts = bounds.map(le => grown("answer_seconds_bucket", { ...labels, le }));
      const wanted = share * counts[counts.length - 1];
      if (!wanted) return "–";
      const place = counts.findIndex(count => count >= wanted);
      const [low, below] = place ? [Number(bounds[place - 1]), counts[place - 1]] : [0, 0];
      if (bounds[place] == "+Inf") return "> " + number(low * 1000) + " ms";
      const part = (wanted - below) / (counts[place] - below);
      return number((low + (Number(bounds[place]) - low) * part) * 1000) + " ms";
    }
    function element(tag, ...children) {
      const made = document.createElement(tag);
      made.append(...children);
      return made;
    }
    function table(id, titles, rows) {
      const line = tag => cells => element("tr", ...cells.map(cell => element(tag, String(cell))));
      document.getElementById(id).replaceChildren(...rows.length ? [line("th")(titles), ...rows.map(line("td"))] : ["none"]);
    }
    function show() {
      const samples = now().samples, wait = sum(samples, "wait_milliseconds");
      const runs = grown("batch_requests_count");
      const hits = sum(samples, "cache_hits_total"), looked = hits + sum(samples, "cache_misses_total");
      const tiles = {
        "answers a second": number(rate("answers_total")), "median": latency(.5), "90 % within": latency(.9), "99 % within": latency(.99),
        "a batch": runs ? number(grown("batch_requests_sum") / runs) : "–",
        "from the cache": looked ? number(100 * hits / looked) + " %" : "–", "queue": sum(samples, "queue"),
        "wait": wait < 0 ? "full" : number(wait) + " ms", "connections": sum(samples, "connections_open"),
        "in": number(rate("received_bytes_total") / 1024) + " KiB/s", "out": number(rate("sent_bytes_total") / 1024) + " KiB/s",
      };
      document.getElementById("tiles").replaceChildren(...Object.entries(tiles).map(([name, value]) =>
        element("div", element("b", String(value)), name)));
      table("splits", ["split", "bundle", "requests", "answers", "failures", "a second", "median", "99 % within"],
        all(samples, "requests_total").map(({ labels, value }) => [
          labels.split, labels.bundle, value, sum(samples, "answers_total", labels), sum(samples, "failures_total", labels),
          number(rate("answers_total", labels)), latency(.5, labels), latency(.99, labels)]));
      table("devices", ["device", "connections", "answers", "failures", "refusals", "a second"],
        all(samples, "device_answers_total").map(({ labels, value }) => [labels.device, sum(samples, "device_connections_total", labels),
          value, sum(samples, "device_failures_total", labels), sum(samples, "device_refusals_total", labels),
          number(rate("device_answers_total", labels))]));
      const sizes = all(samples, "batch_requests_bucket");
      table("batches", ["requests", "runs", "share"], sizes.map(({ labels, value }, place) => [labels, value, sizes[place - 1]]).flatMap(
        ([{ le }, value, smaller]) => {
          const count = value - (smaller ? smaller.value : 0);
          const name = le == "+Inf" ? "> " + Number(smaller.labels.le) : (Number(le) > 2 ? "≤ " : "") + Number(le);
          return count ? [[name, count, number(100 * count / sum(samples, "batch_requests_count")) + " %"]] : [];
        }));
      table("errors", ["code", "times"], all(samples, "errors_total").map(({ labels, value }) => [labels.code, value]));
    }
    async function refresh() {
      const state = document.getElementById("state");
      try {
        history.push({ time: performance.now(), samples: parse(await (await fetch("metrics")).text()) });
        if (history.length > 11) history.shift();
        show();
        state.textContent = "live";
      } catch { state.textContent = "no answer"; }
      setTimeout(refresh, 1000);
    }
    refresh();

    """#
}
