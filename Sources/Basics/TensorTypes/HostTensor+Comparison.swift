extension HostTensor {
  /// The largest difference between corresponding elements, in units of the larger of 1 and their magnitude; infinite
  /// where the shapes differ.
  public func largestError(against other: HostTensor) -> Double {
    guard shape == other.shape else { return .infinity }
    return zip(doubles, other.doubles).reduce(0) { worst, pair in
      if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return worst }
      let error = abs(pair.0 - pair.1) / max(1, abs(pair.0), abs(pair.1))
      return error.isNaN ? .infinity : max(worst, error)
    }
  }
}
