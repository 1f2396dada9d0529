import KernelIR
import TensorTypes

extension Operator {
  /// Random numbers as a function of a key and of each element's place in the result: the same key gives the same bits,
  /// on every processor, with any number of workers, however often and wherever they are computed.
  ///
  /// - Operand: `i32[2]`, from `random_key`.
  /// - Attributes: `shape`, at most 2^32 elements; `element_type`: `i32`, all of whose numbers are equally likely; `f32`,
  ///   multiples of 2^-24 from 0 to below 1; `f64`, multiples of 2^-53.
  /// - Shape: `i32[2] -> T[shape]`.
  public static let randomNumbers: Operator = Operator(
    name: "random_numbers", summary: "Random numbers of a key, uniform from 0 to below 1.", kind: .constant,
    type: { signature in
      try signature.requireOperandCount(1, "random_numbers")
      let key = TensorType(.int32, [2])
      try signature.require(
        signature.operands[0] == key, "random_numbers.1", "needs a key \(key), got \(signature.operands[0])")
      let shape = try Movement.requireShape(signature, "random_numbers.2")
      guard case .elementType(let elementType)? = signature.attributes["element_type"], elementType != .bool else {
        throw TypeError("random_numbers.3", "needs the 'element_type' f32, f64 or i32")
      }
      let type = TensorType(elementType, shape)
      if let problem = type.problem { throw TypeError("random_numbers.2", problem) }
      try signature.require(
        type.elementCount <= 1 << 32, "random_numbers.2",
        "a key has 2^32 numbers, [\(shape)] needs \(type.elementCount)")
      return [type]
    },
    gradient: .none("random numbers do not depend on numbers continuously"),
    semantics: .primitive(
      evaluate: { context in
        let words = context.operands[0].integers.map(UInt32.init(bitPattern:))
        let type = context.results[0]
        let drawn = (0..<type.elementCount).map { place in
          Threefry.words(key: (words[0], words[1]), counter: (UInt32(truncatingIfNeeded: place), 0))
        }
        switch type.elementType {
        case .float32: return [HostTensor(type.shape, .float32(drawn.map { Float($0.0 >> 8) * 0x1p-24 }))]
        case .float64:
          let numbers = drawn.map { Double(UInt64($0.0 >> 5) << 26 | UInt64($0.1 >> 6)) * 0x1p-53 }
          return [HostTensor(type.shape, .float64(numbers))]
        case .int32, .bool: return [HostTensor(type.shape, .int32(drawn.map { Int32(bitPattern: $0.0) }))]
        }
      },
      lower: { signature in
        let type = signature.results[0]
        let (rank, strides) = (type.shape.rank, type.shape.strides)
        let place = AffineIndex(coefficients: strides)
        func word(_ number: Int) -> ScalarExpression {
          let key = [0, 1].map { ScalarExpression.element(0, [.fixed($0, rank: rank)]) }
          return .apply(.threefry(word: number), key + [.index(place), .number(0, .int32)])
        }
        switch type.elementType {
        case .float32: return .map(.apply(.unitInterval(.float32), [word(0)]))
        case .float64: return .map(.apply(.unitInterval(.float64), [word(0), word(1)]))
        case .int32, .bool: return .map(word(0))
        }
      }, export: Export.randomNumbers),
    samples: [ElementType.float32, .float64, .int32].map { type in
      OperatorSample(
        [TensorType(.int32, [2])], ["shape": .integers([3, 37]), "element_type": .elementType(type)],
        domains: [.integers(1 << 30)])
    })
}
