import GraphIR
import KernelIR
import TensorTypes

/// What the element-wise operators share.
enum Elementwise {
  static let sampleType: TensorType = TensorType(.float32, [3, 37])
  static let integerSample: OperatorSample = OperatorSample(
    [sampleType.with(.int32), sampleType.with(.int32)], domains: [.integers(3), .integers(3)])

  /// An element-wise function of one floating-point tensor.
  ///
  /// - Parameter exported: its name in StableHLO.
  static func unary(
    _ name: String, _ summary: String, _ function: ScalarFunction, exported: String, domain: (Double, Double),
    float: @escaping @Sendable (Float) -> Float, double: @escaping @Sendable (Double) -> Double,
    gradient: GradientRule
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .elementwise,
      type: { signature in
        try signature.requireOperandCount(1, name)
        try signature.requireFloatingPoint(0, "\(name).1")
        return signature.operands
      },
      gradient: gradient,
      semantics: .primitive(
        evaluate: { context in
          switch context.operands[0].storage {
          case .float32(let a): [HostTensor(context.results[0].shape, .float32(a.map(float)))]
          default: [HostTensor(context.results[0].shape, .float64(context.operands[0].doubles.map(double)))]
          }
        },
        lower: { pointwise(function, $0) }, export: Export.named(exported)),
      samples: [OperatorSample([sampleType], domains: [.uniform(domain.0, domain.1)])])
  }

  /// The same function of whole numbers: sums and products are modulo 2^32.
  struct IntegerForm: Sendable {
    var rule: IntegerRule = .free
    let evaluate: @Sendable (Int32, Int32) -> Int32
  }

  /// An element-wise function of two tensors of one shape and element type.
  static func binary(
    _ name: String, _ summary: String, _ function: ScalarFunction, exported: String,
    domains: [OperatorSample.Domain] = [.uniform(-2, 2), .uniform(-2, 2)],
    float: @escaping @Sendable (Float, Float) -> Float, double: @escaping @Sendable (Double, Double) -> Double,
    integer: IntegerForm? = nil, gradient: GradientRule
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .elementwise,
      type: { try binaryType($0, name, allowsIntegers: integer != nil) },
      gradient: gradient,
      semantics: .primitive(
        evaluate: { context in
          let shape = context.results[0].shape
          switch (context.operands[0].storage, context.operands[1].storage) {
          case (.float32(let a), .float32(let b)): return [HostTensor(shape, .float32(zip(a, b).map(float)))]
          case (.int32(let a), .int32(let b)):
            guard let integer else { preconditionFailure("\(name) of integers") }
            return [HostTensor(shape, .int32(zip(a, b).map(integer.evaluate)))]
          default:
            let pairs = zip(context.operands[0].doubles, context.operands[1].doubles)
            return [HostTensor(shape, .float64(pairs.map(double)))]
          }
        },
        lower: { pointwise(function, $0) }, export: Export.named(exported)),
      integers: integer?.rule ?? .free,
      samples: [OperatorSample([sampleType, sampleType], domains: domains)] + (integer == nil ? [] : [integerSample]))
  }

  /// An element-wise comparison; no gradient.
  static func comparison(
    _ name: String, _ summary: String, _ function: ScalarFunction, exported: String,
    compare: @escaping @Sendable (Double, Double) -> Bool
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .elementwise,
      type: { try [binaryType($0, name, allowsIntegers: true)[0].with(.bool)] },
      gradient: .none("a comparison is constant almost everywhere"),
      semantics: .primitive(
        evaluate: { context in
          let pairs = zip(context.operands[0].doubles, context.operands[1].doubles)
          return [HostTensor(context.results[0].shape, .bool(pairs.map(compare)))]
        },
        lower: { pointwise(function, $0) }, export: Export.comparison(exported)),
      samples: [
        OperatorSample([sampleType, sampleType], domains: [.uniform(-2, 2), .uniform(-2, 2)]), integerSample,
      ])
  }

  /// An element-wise function of two booleans.
  static func logical(
    _ name: String, _ summary: String, _ function: ScalarFunction, exported: String,
    combine: @escaping @Sendable (Bool, Bool) -> Bool
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .elementwise,
      type: { signature in
        try signature.requireOperandCount(2, name)
        let isBoolean = signature.operands.allSatisfy { $0.elementType == .bool }
        try signature.require(isBoolean, "\(name).2", "needs booleans, got \(signature.operands)")
        return [TensorType(.bool, try signature.commonShape(name))]
      },
      gradient: .none("booleans carry no gradient"),
      semantics: .primitive(
        evaluate: { context in
          let pairs = zip(context.operands[0].doubles, context.operands[1].doubles)
          return [HostTensor(context.results[0].shape, .bool(pairs.map { combine($0 != 0, $1 != 0) }))]
        },
        lower: { pointwise(function, $0) }, export: Export.named(exported)),
      samples: [
        OperatorSample([sampleType.with(.bool), sampleType.with(.bool)], domains: [.booleans, .booleans])
      ])
  }

  /// The function applied to the operands' elements at the result's own position.
  static func pointwise(_ function: ScalarFunction, _ signature: OperationSignature) -> Lowering {
    let identity = AffineIndex.identity(rank: signature.results[0].shape.rank)
    return .map(.apply(function, signature.operands.indices.map { .element($0, identity) }))
  }

  private static func binaryType(
    _ signature: OperationSignature, _ name: String, allowsIntegers: Bool
  ) throws -> [TensorType] {
    try signature.requireOperandCount(2, name)
    let types = signature.operands
    try signature.require(
      types[0].elementType == types[1].elementType, "\(name).2",
      "operands must have one element type, got \(types[0]) and \(types[1])")
    try signature.require(
      types[0].elementType.isFloatingPoint || (allowsIntegers && types[0].elementType == .int32), "\(name).3",
      "needs numbers, got \(types[0])")
    return [TensorType(types[0].elementType, try signature.commonShape(name))]
  }
}
