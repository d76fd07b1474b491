import Glibc
import Peer
import ServiceLifecycle
import Split
import Testing
import Wire

/// What an HTTP request of those bytes gets until the connection ends.
private func ask(_ port: UInt16, _ request: String) -> String {
  let descriptor = openConnection(port: port)
  defer { close(descriptor) }
  sendAll(descriptor, Array(request.utf8))
  var reply: [UInt8] = []
  while true {
    let bytes = receive(descriptor)
    guard !bytes.isEmpty else { return String(decoding: reply, as: UTF8.self) }
    reply += bytes
  }
}

private func get(_ port: UInt16, _ path: String) -> String { ask(port, "GET \(path) HTTP/1.1\r\nHost: peer\r\n\r\n") }

private func showMetrics(_ configuration: inout PeerConfiguration) {
  configuration.metrics = ListenAddress(host: "127.0.0.1", port: 0)
}

@Test func metricsAreShownInPrometheusFormat() async throws {
  let model = ToyModel { run throws(FusionFailure) in if run == 2 { throw .failed(reason: "a reason") } }
  try await withServer(model, configure: showMetrics) { server, _ in
    let (port, shown) = (server.address.port, try #require(server.metricsAddress).port)
    let text = await blocking { () -> String in
      var device = TestDevice(model.contract, port: port)
      for seed in [1, 2, 1, 3] { _ = device.ask(features(rows: 2, seed: seed)) }
      return get(shown, "/metrics")
    }
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("content-type: text/plain; version=0.0.4"))
    let labels = "{bundle=\"\(model.contract.hash.prefix)\",split=\"embeddings\"}"
    for line in [
      "requests_total\(labels) 4", "answers_total\(labels) 3", "failures_total\(labels) 1", "answer_seconds_count\(labels) 3",
      "cache_hits_total 1", "cache_misses_total 3", "errors_total{code=\"internal\"} 1", "connections_total 1",
      "batch_requests_sum 3.0", "batch_requests_count 3", "queue 0",
      "device_answers_total{device=\"127.0.0.1\"} 3", "device_failures_total{device=\"127.0.0.1\"} 1",
    ] { #expect(text.contains("\ntributary_\(line)\n"), "\(line)") }
    expectWellFormed(text.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? "")
  }
}

/// Every line is a comment or a sample of a family that was announced; the buckets of each rise to the count.
private func expectWellFormed(_ text: String) {
  var families: Set<Substring> = []
  var buckets: [Substring: [Int]] = [:]
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    if line.hasPrefix("# TYPE ") { families.insert(words[2]) }
    guard !line.hasPrefix("#") else { continue }
    let name = line.prefix { $0 != "{" && $0 != " " }
    #expect(families.contains { name == $0 || name.hasPrefix($0 + "_") } && Double(words[words.count - 1]) != nil, "\(line)")
    if name.hasSuffix("_bucket") { buckets[name, default: []].append(Int(words[words.count - 1]) ?? -1) }
  }
  #expect(buckets.count == 2 && buckets.values.allSatisfy { $0 == $0.sorted() && $0.last == 3 }, "\(buckets)")
}

@Test func theErrorsOfASessionAreCounted() async throws {
  let metrics = try await withServer(ToyModel(mark: 1)) { server, _ in
    let port = server.address.port
    _ = await blocking {
      var device = TestDevice(ToyModel(mark: 2).contract, port: port)
      return device.ask(features(rows: 1))
    }
  }
  #expect(metrics.errors == [.incompatibleBundle: 1])
}

@Test func thePageStandsAlone() async throws {
  try await withServer(ToyModel(), configure: showMetrics) { server, _ in
    let shown = try #require(server.metricsAddress).port
    let page = await blocking { get(shown, "/?x") }
    #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("<!doctype html>") && page.hasSuffix("</html>\n"))
    #expect(page.contains("content-security-policy: default-src 'none';"))
    for outside in ["http://", "https://", "src=", "<link", "innerHTML"] { #expect(!page.contains(outside)) }
  }
}

@Test func healthTellsOfTheEnd() async throws {
  let (started, released) = (Counter(), Counter())
  let model = ToyModel { _ in
    started.increase()
    while released.count == 0 { usleep(500) }
  }
  try await withServer(model, configure: showMetrics) { server, services in
    let (port, shown) = (server.address.port, try #require(server.metricsAddress).port)
    async let asked = blocking {
      var device = TestDevice(model.contract, port: port)
      return device.ask(features(rows: 1))
    }
    let before = await blocking { () -> String in
      while started.count == 0 { usleep(500) }
      return get(shown, "/health")
    }
    await services.triggerGracefulShutdown()
    let after = await blocking { () -> String in
      var text = before
      for _ in 0..<2_000 where text == before {
        usleep(1_000)
        text = get(shown, "/health")
      }
      released.increase()
      return text
    }
    #expect(before.hasPrefix("HTTP/1.1 200 ") && before.hasSuffix("\r\n\r\nok\n"))
    #expect(after.hasPrefix("HTTP/1.1 503 ") && after.hasSuffix("\r\n\r\ndraining\n"))
    _ = await asked
  }
}

@Test func onlySmallGetsAreAnswered() async throws {
  try await withServer(ToyModel(), configure: showMetrics) { server, _ in
    let shown = try #require(server.metricsAddress).port
    let replies = await blocking {
      [
        ask(shown, "POST /metrics HTTP/1.1\r\nHost: peer\r\nContent-Length: 2\r\n\r\nhi"), get(shown, "/else"),
        ask(shown, "rubbish\r\n\r\n"), ask(shown, "GET /\(String(repeating: "x", count: 200_000)) HTTP/1.1\r\n\r\n"),
        ask(shown, "GET /health HTTP/1.1\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n"),
        ask(shown, "GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n"),
      ]
    }
    #expect(replies[0].hasPrefix("HTTP/1.1 405 ") && replies[0].contains("\r\nallow: GET\r\n"))
    #expect(replies[1].hasPrefix("HTTP/1.1 404 "))
    for reply in replies[2...4] { #expect(reply.isEmpty || reply.hasPrefix("HTTP/1.1 4"), "\(reply.prefix(40))") }
    #expect(replies[5].split(separator: "HTTP/1.1 ").count == 1)
  }
}

@Test func visitorsWhoWaitAreFewAndSentAway() async throws {
  try await withServer(
    ToyModel(),
    configure: {
      showMetrics(&$0)
      $0.maximumMetricsConnections = 3
      $0.metricsMilliseconds = 300
    }
  ) { server, _ in
    let shown = try #require(server.metricsAddress).port
    let (whileFull, closed, afterwards) = await blocking { () -> (String, Bool, String) in
      let idle = (0..<3).map { _ in openConnection(port: shown) }
      defer { for descriptor in idle { close(descriptor) } }
      sendAll(idle[0], Array("GET / HT".utf8))
      let whileFull = get(shown, "/health")
      return (whileFull, idle.allSatisfy { receive($0).isEmpty }, get(shown, "/health"))
    }
    #expect(whileFull.isEmpty && closed && afterwards.hasSuffix("ok\n"))
  }
}

@Test func metricsForOtherMachinesNeedLeave() async throws {
  var configuration = PeerConfiguration()
  configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
  configuration.metrics = ListenAddress(host: "0.0.0.0", port: 0)
  await #expect(throws: PeerError.remoteMetrics(ListenAddress(host: "0.0.0.0", port: 0))) {
    _ = try await PeerServer.bind(library(ToyModel()), configuration: configuration, logger: silent)
  }
  let listener = openListener()
  configuration.metrics = ListenAddress(host: "127.0.0.1", port: listener.port)
  await #expect(throws: PeerError.cannotShowMetrics(try #require(configuration.metrics), reason: "Address already in use")) {
    _ = try await PeerServer.bind(library(ToyModel()), configuration: configuration, logger: silent)
  }
}
