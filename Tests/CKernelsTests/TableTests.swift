import CKernels
import Testing

/// The list of tables.
@Suite struct TableTests {
  @Test func endsWithThePortableTable() {
    #expect(availableTables().last?.label == "portable")
  }

  @Test func namesAreDistinct() {
    let names = availableTables().map(\.label)
    #expect(Set(names).count == names.count)
  }
}
