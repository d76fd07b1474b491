/// Values under keys, within a number of bytes: what was not asked for the longest makes room. Every call takes constant time, amortised.
package struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let key: Key
    let value: Value
    let bytes: Int
  }

  /// The neighbours of a place in a ring, whose place 0 stands between the latest and the oldest.
  private struct Links: Sendable {
    var newer: Int
    var older: Int
  }

  private static var anchor: Int { 0 }

  private let limit: Int
  private var places: [Key: Int] = [:]
  /// By place; nil at the anchor and where a place is free.
  private var entries: [Entry?] = [nil]
  private var links = [Links(newer: anchor, older: anchor)]
  private var free: [Int] = []

  /// What the values take together.
  package private(set) var bytes = 0

  /// Room for `limit` bytes; 0 for none.
  package init(limit: Int) {
    self.limit = limit
  }

  package var count: Int { places.count }

  /// The value under a key, which is then the latest.
  package mutating func value(for key: Key) -> Value? {
    guard let place = places[key] else { return nil }
    unlink(place)
    linkLatest(place)
    return entries[place]?.value
  }

  /// Puts a value that takes `bytes` under a key, as the latest. One that takes more than there is room for in all is left out.
  package mutating func insert(_ value: Value, for key: Key, bytes: Int) {
    if let place = places[key] { remove(place) }
    guard bytes <= limit else { return }
    while self.bytes > limit - bytes { remove(links[Self.anchor].newer) }
    let place = free.popLast() ?? grow()
    entries[place] = Entry(key: key, value: value, bytes: bytes)
    places[key] = place
    self.bytes += bytes
    linkLatest(place)
  }

  private mutating func grow() -> Int {
    entries.append(nil)
    links.append(Links(newer: Self.anchor, older: Self.anchor))
    return entries.count - 1
  }

  private mutating func remove(_ place: Int) {
    guard let entry = entries[place] else { return }
    unlink(place)
    entries[place] = nil
    places[entry.key] = nil
    bytes -= entry.bytes
    free.append(place)
  }

  private mutating func unlink(_ place: Int) {
    let (newer, older) = (links[place].newer, links[place].older)
    links[newer].older = older
    links[older].newer = newer
  }

  private mutating func linkLatest(_ place: Int) {
    let latest = links[Self.anchor].older
    links[place] = Links(newer: Self.anchor, older: latest)
    links[latest].newer = place
    links[Self.anchor].older = place
  }
}
