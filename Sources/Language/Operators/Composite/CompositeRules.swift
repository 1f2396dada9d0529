import GraphIR
import TensorTypes

/// What the composite operators share.
enum Composite {
  /// An operator on the rows of one floating-point tensor, which have its type again.
  static func rowType(_ signature: OperationSignature, _ name: String) throws -> TensorType {
    try signature.requireOperandCount(1, name)
    try signature.requireFloatingPoint(0, "\(name).1")
    let type = signature.operands[0]
    try signature.require(type.shape.rank > 0, "\(name).2", "needs at least one axis, got \(type)")
    return type
  }

  /// Rows that are scaled, then each one's factor; `epsilon` keeps rows of zeros from a division by 0.
  static func normalizationType(_ signature: OperationSignature, _ name: String) throws -> [TensorType] {
    let type = try rowType(signature, name)
    let epsilon = try signature.requireNumber("epsilon", "\(name).3")
    try signature.require(
      epsilon >= 0 && epsilon.isFinite && type.elementType.problem(holding: epsilon) == nil, "\(name).3",
      "epsilon must be finite in the type of \(type) and not negative, got \(epsilon)")
    return [type, type.with(type.shape.removing([type.shape.rank - 1]))]
  }

  static func elementwiseType(_ signature: OperationSignature, _ name: String, _ count: Int) throws -> [TensorType] {
    try signature.requireOperandCount(count, name)
    for index in 0..<count { try signature.requireFloatingPoint(index, "\(name).2") }
    let types = signature.operands.map(\.elementType)
    try signature.require(
      Set(types).count == 1, "\(name).3",
      "needs numbers of one type, got \(signature.operands.map { "\($0)" }.joined(separator: " and "))")
    return [signature.operands[0].with(try signature.commonShape(name))]
  }

  /// Scores for classes along the last axis and one label per row; the result is one loss per row.
  static func lossType(_ signature: OperationSignature, _ name: String) throws -> [TensorType] {
    try signature.requireOperandCount(2, name)
    try signature.requireFloatingPoint(0, "\(name).1")
    let (scores, labels) = (signature.operands[0], signature.operands[1])
    let isSound =
      scores.shape.rank > 0 && labels.elementType == .int32
      && labels.shape == scores.shape.removing([scores.shape.rank - 1])
    try signature.require(
      isSound, "\(name).2", "needs one i32 label per row of scores, got \(scores) and \(labels)")
    let classes = scores.shape[scores.shape.rank - 1]
    try signature.require(classes > 0, "\(name).3", "needs at least one class, got \(scores)")
    try signature.require(
      classes <= Int32.max, "\(name).3", "numbers of type i32 do not count the classes of \(scores)")
    if let ignored = try signature.optionalInteger("ignored_label", "\(name).4") {
      try signature.require(
        Int32(exactly: ignored) != nil, "\(name).4", "the ignored label \(ignored) is no number of type i32")
    }
    return [scores.with(labels.shape.naming(from: scores.shape.removing([scores.shape.rank - 1])))]
  }

  /// Labels are classes, or the ignored one.
  static let labels: IntegerRule = .addresses { signature in
    var ignored: Int?
    if case .integer(let label)? = signature.attributes["ignored_label"] { ignored = label }
    let scores = signature.operands[0].shape
    return [nil, AcceptedIntegers(0..<scores[scores.rank - 1], ignoring: ignored)]
  }

  static let lossSamples: [OperatorSample] = [
    OperatorSample(
      [TensorType(.float32, [2, 3, 5]), TensorType(.int32, [2, 3])], ["ignored_label": .integer(4)],
      domains: [.uniform(-2, 2), .integers(5)])
  ]
}

/// Row-wise helpers: rows run along the last axis.
extension GraphBuilder {
  func lastAxis(_ value: Graph.Value) -> Int { type(of: value).shape.rank - 1 }

  func rowSum(_ value: Graph.Value) -> Graph.Value { sum(value, [lastAxis(value)]) }

  func rowMean(_ value: Graph.Value) -> Graph.Value {
    scale(rowSum(value), by: 1 / Double(type(of: value).shape[lastAxis(value)]))
  }

  /// One number per row, repeated along the rows of another tensor.
  func alongRows(_ rowValue: Graph.Value, of tensor: Graph.Value) -> Graph.Value {
    restore(rowValue, [lastAxis(tensor)], to: type(of: tensor).shape)
  }

  /// 1 where the class is the row's label, as a condition.
  func isLabel(_ labels: Graph.Value, scores: Graph.Value) -> Graph.Value {
    let classes = iota(type(of: scores).with(.int32), axis: lastAxis(scores))
    return emit1(.equal, classes, alongRows(labels, of: scores))
  }

  /// The row's loss where the label is a class, 0 where it is the ignored one, NaN elsewhere: the host's labels are checked
  /// when it sets them, but a graph computes any.
  func masked(
    _ loss: Graph.Value, _ labels: Graph.Value, of scores: Graph.Value, _ attributes: Attributes
  ) -> Graph.Value {
    let classes = type(of: scores).shape[lastAxis(scores)]
    let isNatural = emit1(.lessOrEqual, constant(0, like: labels), labels)
    let isClass = emit1(.and, isNatural, emit1(.less, labels, constant(Double(classes), like: labels)))
    let counted = select(isClass, loss, constant(.nan, like: loss))
    guard case .integer(let ignored)? = attributes["ignored_label"] else { return counted }
    let isIgnored = emit1(.equal, labels, constant(Double(ignored), like: labels))
    return select(isIgnored, constant(0, like: loss), counted)
  }
}

extension GradientContext {
  /// The cotangent of rows that are scaled by `r = (mean of squares + epsilon)^(-1/2)`, the second result.
  ///
  /// - Parameter tangent: from the first result y and its cotangent, that of the rows before they are scaled by r.
  /// - Returns: `r * tangent - y * r^2 * dr / n`, of which only what has a cotangent.
  func normalizationGradient(
    _ tangent: (_ y: Graph.Value, _ cotangent: Graph.Value) -> Graph.Value
  ) -> [Graph.Value?] {
    let (y, r) = (result(), result(1))
    let toRows = cotangents[0].map { cotangent in
      let unscaled = tangent(y, cotangent)
      return build.multiply(build.alongRows(r, of: y), unscaled)
    }
    guard let toScale = cotangents[1] else { return [toRows] }
    let share = build.scale(
      build.multiply(toScale, build.multiply(r, r)), by: -1 / Double(build.type(of: y).shape[build.lastAxis(y)]))
    let fromScale = build.multiply(y, build.alongRows(share, of: y))
    return [toRows.map { build.add($0, fromScale) } ?? fromScale]
  }
}
