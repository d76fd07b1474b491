import Device
import Glibc
import Testing

@Suite struct HostLookupTests {
  /// Waits for a lookup, as a connection does.
  private func answer(of lookup: HostLookup) throws -> Bool {
    try lookup.begin()
    var entry = pollfd(fd: lookup.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&entry, 1, 30_000) == 1)
    return lookup.finish() != nil
  }

  @Test func aNameIsKnownUntilItIsDoubted() throws {
    let lookup = HostLookup(try PeerAddress("localhost:7000"))
    #expect(lookup.address == nil)
    #expect(try answer(of: lookup))
    #expect(lookup.address != nil && lookup.descriptor < 0)
    lookup.doubt()
    #expect(lookup.address == nil)
    #expect(try answer(of: lookup))
    #expect(lookup.address != nil)
  }

  @Test func aLookupRunsOnce() throws {
    let lookup = HostLookup(try PeerAddress("localhost:7000"))
    try lookup.begin()
    let descriptor = lookup.descriptor
    try lookup.begin()
    #expect(lookup.descriptor == descriptor)
    // One that nobody waits for any more is left to itself.
  }

  @Test func aNameWithoutAddressStaysUnknown() throws {
    let lookup = HostLookup(try PeerAddress("no such host:7000"))
    #expect(try !answer(of: lookup))
    #expect(lookup.address == nil)
  }

  @Test(arguments: ["127.0.0.1:7000", "[::1]:7000"])
  func anAddressNeedsNoLookup(text: String) throws {
    let lookup = HostLookup(try PeerAddress(text))
    #expect(lookup.address != nil)
    lookup.doubt()
    #expect(lookup.address != nil)
  }
}
