import Device
import Glibc
import Testing

@Suite struct HostLookupTests {
  /// Waits for a lookup, as a connection does.
  private func answer(of lookup: HostLookup) throws -> Bool {
    try lookup.begin()
    var entry = pollfd(fd: lookup.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&entry, 1, 30_000) == 1)
    return !lookup.finish().isEmpty
  }

  @Test func aNameIsKnownUntilItIsDoubted() throws {
    let lookup = HostLookup(try PeerAddress("localhost:7000"))
    #expect(lookup.addresses.isEmpty)
    #expect(try answer(of: lookup))
    #expect(!lookup.addresses.isEmpty && lookup.descriptor < 0)
    lookup.doubt()
    #expect(lookup.addresses.isEmpty)
    #expect(try answer(of: lookup))
    #expect(!lookup.addresses.isEmpty)
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
    #expect(lookup.addresses.isEmpty)
  }

  @Test(arguments: ["127.0.0.1:7000", "[::1]:7000"])
  func anAddressNeedsNoLookup(text: String) throws {
    let lookup = HostLookup(try PeerAddress(text))
    #expect(!lookup.addresses.isEmpty)
    lookup.doubt()
    #expect(!lookup.addresses.isEmpty)
  }
}
