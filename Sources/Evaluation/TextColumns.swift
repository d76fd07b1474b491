extension Double {
  /// In fixed notation with that many decimals, rounded; as the language writes it where it has 2⁶³ or more in the last place.
  package func decimal(_ places: Int) -> String {
    guard isFinite else { return "\(self)" }
    let unit = (0..<places).reduce(1.0) { product, _ in product * 10 }
    guard let scaled = Int(exactly: (magnitude * unit).rounded()) else { return "\(self)" }
    let digits = String(scaled)
    let filled = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = self < 0 && scaled > 0 ? "-" : ""
    return places == 0 ? sign + filled : sign + filled.dropLast(places) + "." + filled.suffix(places)
  }
}

extension String {
  /// With spaces up to that width behind it, or before it.
  package func padded(_ width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return right ? space + self : self + space
  }
}
