import TensorTypes

/// Two gradients of the same weights, compared in double precision.
struct GradientFidelity {
  private(set) var product = 0.0
  private(set) var square = 0.0
  private(set) var referenceSquare = 0.0
  private var isIdentical = true

  mutating func add(_ gradient: HostTensor, _ reference: HostTensor) {
    isIdentical = isIdentical && gradient.isIdentical(to: reference)
    for (a, b) in zip(gradient.floats, reference.floats) {
      product += Double(a) * Double(b)
      square += Double(a) * Double(a)
      referenceSquare += Double(b) * Double(b)
    }
  }

  mutating func add(_ other: GradientFidelity) {
    isIdentical = isIdentical && other.isIdentical
    product += other.product
    square += other.square
    referenceSquare += other.referenceSquare
  }

  /// Exactly 1 when the bits agree, and for two zeros of whatever sign; 0 when one of the gradients is zero and the other is not.
  var cosine: Double {
    if isIdentical || (square == 0 && referenceSquare == 0) { return 1 }
    let lengths = (square * referenceSquare).squareRoot()
    return lengths == 0 ? 0 : min(product / lengths, 1.0.nextDown)
  }

  var normRatio: Double {
    if isIdentical { return 1 }
    return referenceSquare == 0 ? (square == 0 ? 1 : .infinity) : (square / referenceSquare).squareRoot()
  }
}
