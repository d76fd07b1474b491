import BundleFormat
import Dataset
import JSONFormat
package import ModelGraph
import Models
package import Split

/// Which size of a student answers in time on a device: the largest of several scales of an experiment's model, by what was measured there
/// of a model of the same kind.
package struct StudentSearch {
  /// A student of some size. Times are microseconds.
  package struct Candidate: Sendable {
    /// What widths and depths are multiplied by: the experiment's `model.scale`.
    package let scale: Double
    package let parameters: Int
    /// All modalities, and the local fusion.
    package let local: Double
    /// All modalities, and the rest by a peer, with each share of the bottlenecks' columns.
    package let split: [(share: Double, bytes: Int, time: Double)]
  }

  /// What is known of the device, its link and the peer.
  package struct Conditions: Sendable {
    package var pace: PartPace
    package var link: LinkEstimate
    /// How many times as fast as the device the peer is.
    package var peerSpeed: Double

    package init(pace: PartPace, link: LinkEstimate, peerSpeed: Double) {
      (self.pace, self.link, self.peerSpeed) = (pace, link, peerSpeed)
    }
  }

  /// Descending.
  package static let scales = [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]

  package let candidates: [Candidate]

  /// The experiment's model at all scales.
  package init(_ experiment: Experiment, _ conditions: Conditions) throws(PretrainingError) {
    let set = try dataset { () throws(DatasetError) in try DatasetDirectory(experiment.data.directory) }
    var candidates: [Candidate] = []
    for scale in Self.scales {
      do throws(ImportError) {
        let fields = experiment.model.replacing("scale", with: .number(scale))
        let configuration = try Pretraining.model(fields, set, split: experiment.data.split).0.configuration
        candidates.append(Candidate(scale, configuration, try configuration.graph(heads: []), conditions))
      } catch {
        throw .experiment(error)
      }
    }
    self.candidates = candidates
  }

  /// The largest that answers within a time, alone (where it can) and with a peer, and the largest share that it may send then. Nil where
  /// none does.
  package func best(within microseconds: Double) -> (candidate: Candidate, share: Double)? {
    for candidate in candidates where candidate.local <= microseconds {
      if let point = candidate.split.last(where: { $0.time <= microseconds }) { return (candidate, point.share) }
    }
    return nil
  }
}

/// Microseconds of a multiply–accumulate in each part of a model on a device.
package struct PartPace: Sendable {
  /// Microseconds of making what a request brings into the inputs, which are the same at any size.
  let preparation: Double
  private let paces: [String: Double]
  private let mean: Double

  /// From what was measured of a bundle's segments.
  package init(_ graph: Graph, _ costs: DeviceCosts) {
    let sequence = costs.sequences.last ?? 1
    var sums: [String: (time: Double, work: Double)] = [:]
    for (index, segment) in graph.segments.enumerated() {
      let part = Self.part(segment.name)
      sums[part, default: (0, 0)].time += costs.time(costs.segments[index], at: sequence)
      sums[part, default: (0, 0)].work += Double(graph.multiplyAccumulates(of: segment.nodes, sequence: sequence))
    }
    paces = sums.filter { $0.value.work > 0 }.mapValues { $0.time / $0.work }
    mean = costs.pace(Workload(graph, sequence: sequence))
    preparation = costs.preparation.reduce(0) { $0 + costs.time($1, at: sequence) }
  }

  /// That of a segment; what has no like in the measured model is taken as its mean.
  func callAsFunction(_ segment: String) -> Double { paces[Self.part(segment)] ?? mean }

  /// `image`, `sound` and `text` are what runs before anything crosses.
  static func part(_ segment: String) -> String { String(segment.prefix { $0 != "." }) }
}

extension StudentSearch.Candidate {
  fileprivate init(
    _ scale: Double, _ configuration: MultimodalConfiguration, _ model: (graph: Graph, tensors: MultimodalTensors),
    _ conditions: StudentSearch.Conditions
  ) {
    let (graph, sequence) = (model.graph, configuration.longest)
    let work = Workload(graph, sequence: sequence)
    let times = graph.segments.map { segment in
      (segment, Double(graph.multiplyAccumulates(of: segment.nodes, sequence: sequence)) * conditions.pace(segment.name))
    }
    let towers = Set(configuration.towers.map { $0.encoder.modality.rawValue })
    let encoders = times.filter { towers.contains(PartPace.part($0.0.name)) }.reduce(0) { $0 + $1.1 }
    let fusion = times.filter { $0.0.role == .main && !towers.contains(PartPace.part($0.0.name)) }.reduce(0) { $0 + $1.1 }
    let last = times.filter { $0.0.role == .local }.reduce(0) { $0 + $1.1 }
    let own = conditions.pace.preparation + encoders
    let link = conditions.link
    self.scale = scale
    parameters = graph.parameters.reduce(0) { $0 + (graph[$1].shape.elementCount(batch: 1, sequence: 1) ?? 0) }
    local = own + (configuration.local == nil ? fusion : last)
    let narrow = Dictionary(uniqueKeysWithValues: model.tensors.narrow(configuration).map { ($0.tensor, $0.width) })
    let point = graph.splitPoints.last { $0.name.hasSuffix(".rows") }
    let whole = point.flatMap { point in work.crossings.first { $0.segments == point.segment + 1 } }?.featureBytes ?? 0
    split = (configuration.rates + [1]).map { share in
      let left = narrow.reduce(0) { bytes, entry in
        let rows = graph[entry.key].shape.rowCount(sequence: sequence) ?? 0
        return bytes + rows * (entry.value - RatePoints.columns(Float(share), of: entry.value))
      }
      let bytes = whole - (share == 1 ? 0 : left)
      let transfer = link.roundTrip.mean + Double(bytes) * link.up.mean + Double(work.resultBytes) * link.down.mean
      return (share, bytes, own + transfer + fusion / conditions.peerSpeed)
    }
  }
}
