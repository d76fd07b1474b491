import ModelGraph
import Testing

@Test func sizesOfDataTypes() {
  #expect(DataType.allCases.map(\.size) == [1, 2, 4, 4])
}
