extension HostTensor {
  /// The largest difference between corresponding elements, in units of the larger of 1 and their magnitude.
  public func largestError(against other: HostTensor) -> Double {
    precondition(shape == other.shape, "compared [\(shape)] with [\(other.shape)]")
    return zip(doubles, other.doubles).reduce(0) { worst, pair in
      if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return worst }
      let error = abs(pair.0 - pair.1) / max(1, abs(pair.0), abs(pair.1))
      return error.isNaN ? .infinity : max(worst, error)
    }
  }
}
