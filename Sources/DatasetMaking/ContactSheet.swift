package import Dataset
import Foundation

/// A page for people with samples of each split of a set: what is seen, read and heard. It needs no other file.
package struct ContactSheet {
  /// What is not in the page as text.
  private struct Card: Sendable {
    let sample: Sample
    let metadata: SampleMetadata
    let caption: String
  }

  private let directory: DatasetDirectory
  private let count: Int

  /// - Parameter count: Samples of a split.
  package init(_ directory: DatasetDirectory, count: Int = 48) { (self.directory, self.count) = (directory, count) }

  package func html() throws(DatasetError) -> String {
    let description = directory.description
    var sections = ""
    for split in description.splits {
      let cards = try cards(of: split).map { self.html($0) }.joined(separator: "\n")
      sections += "<h2>\(escaped(split.name)) <small>\(split.samples) samples</small></h2>\n<main>\n\(cards)\n</main>\n"
    }
    let heldOut = description.concepts.count { $0.isHeldOut }
    let facts = "\(description.concepts.count) concepts, \(heldOut) of them held out; \(description.languages.joined(separator: ", "))"
    return """
      <!doctype html>
      <html lang="en"><meta charset="utf-8"><title>\(escaped(description.name))</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(Self.style)</style>
      <h1>\(escaped(description.name))</h1><p>\(escaped(facts))</p>
      \(sections)</html>

      """
  }

  private func cards(of split: DatasetDescription.Split) throws(DatasetError) -> [Card] {
    let stream = try SampleStream(shards: directory.shards(of: split.name), order: .stored, batch: count, seed: 0)
    let loader = try Loader(stream, ahead: 1, limit: FaultLimit(share: 1)) { sample, _ throws(SampleFault) in
      Card(sample: sample, metadata: try sample.metadata(), caption: try sample.caption())
    }
    return try loader.next() ?? []
  }

  private func html(_ card: Card) -> String {
    let metadata = card.metadata
    let concepts = directory.description.concepts
    let symbol = concepts.indices.contains(metadata.concept) ? concepts[metadata.concept].symbol : "?"
    let others = metadata.captions.filter { $0 != card.caption }.joined(separator: " · ")
    let picture = card.sample.members["png"].map { ("png", $0) } ?? ("jpeg", card.sample.members["jpg", default: []])
    let sound = Data(card.sample.members["wav", default: []]).base64EncodedString()
    return """
      <figure><img alt="" src="data:image/\(picture.0);base64,\(Data(picture.1).base64EncodedString())">
      <figcaption><b>\(escaped(card.caption))</b><br>\(escaped(others))
      <audio controls preload="none" src="data:audio/wav;base64,\(sound)"></audio>
      <q>\(escaped(metadata.spoken))</q> <small>\(escaped(symbol)) \(escaped(metadata.language)), \(escaped(metadata.voice)), \
      \(metadata.speed) words/min, \(escaped(metadata.rendering))</small></figcaption></figure>
      """
  }

  private func escaped(_ text: String) -> String {
    [("&", "&amp;"), ("<", "&lt;"), ("\"", "&quot;")].reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }

  private static let style = """
    body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#222;background:#fafafa}
    h1,h2{font-weight:600}h2 small,figcaption small{color:#666;font-weight:400}
    main{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:1rem}
    figure{margin:0;padding:.75rem;background:#fff;border:1px solid #ddd;border-radius:8px}
    img{width:128px;height:128px;image-rendering:pixelated;border-radius:4px}
    audio{display:block;width:100%;height:2rem;margin:.4rem 0}
    """
}
