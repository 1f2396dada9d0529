extension [Double] {
  /// The largest number, NaN where one is: what cannot be compared is no small difference. Nil where there is none.
  var largest: Double? {
    contains(where: \.isNaN) ? .nan : self.max()
  }
}
