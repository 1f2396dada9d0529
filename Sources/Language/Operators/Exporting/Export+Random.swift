import TensorTypes

/// The language's random numbers by integer arithmetic, to the bit (Threefry-2x32 of 20 rounds, Salmon et al. 2011).
extension Export {
  typealias Words = (StableHLOValue, StableHLOValue)

  static func threefry(key: Words, counter: Words, _ build: StableHLOBuilder) -> Words {
    let type = counter.0.type
    func add(_ a: StableHLOValue, _ b: StableHLOValue) -> StableHLOValue { build.emit("add", a, b, to: type) }
    func exclusiveOr(_ a: StableHLOValue, _ b: StableHLOValue) -> StableHLOValue { build.emit("xor", a, b, to: type) }
    func number(_ word: UInt32) -> StableHLOValue { build.constant(Double(Int32(bitPattern: word)), type) }
    func rotated(_ x: StableHLOValue, by bits: UInt32) -> StableHLOValue {
      let high = build.emit("shift_left", x, number(bits), to: type)
      let low = build.emit("shift_right_logical", x, number(32 - bits), to: type)
      return build.emit("or", high, low, to: type)
    }
    let keys = [key.0, key.1, exclusiveOr(number(Threefry.parity), exclusiveOr(key.0, key.1))]
    var (x, y) = (add(counter.0, keys[0]), add(counter.1, keys[1]))
    for group in 0..<5 {
      for rotation in Threefry.rotations[group % 2] {
        x = add(x, y)
        y = exclusiveOr(rotated(y, by: rotation), x)
      }
      x = add(x, keys[(group + 1) % 3])
      y = add(add(y, keys[(group + 2) % 3]), number(UInt32(group + 1)))
    }
    return (x, y)
  }

  static func randomKey(siteWords: @escaping @Sendable (Int) -> Threefry.Words) -> ExportRule {
    { context in
      let (build, word) = (context.build, TensorType(.int32, .scalar))
      let site = siteWords(context.attributes.integer("site"))
      func number(_ bits: UInt32) -> StableHLOValue { build.constant(Double(Int32(bitPattern: bits)), word) }
      let state = words(of: context.operand(0), build)
      let run = threefry(key: (number(site.0), number(site.1)), counter: state, build)
      let key = threefry(key: run, counter: (context.operand(1), number(0)), build)
      let parts = [key.0, key.1].map { build.reshape($0, to: [1]) }
      return [build.concatenate(parts, axis: 0, to: context.results[0])]
    }
  }

  static let randomNumbers: ExportRule = { context in
    let (build, type) = (context.build, context.results[0])
    let flat = TensorType(.int32, [type.elementCount])
    let key = words(of: context.operand(0), build)
    let spread = (build.broadcast(key.0, to: flat.shape, axes: []), build.broadcast(key.1, to: flat.shape, axes: []))
    let drawn = threefry(key: spread, counter: (build.iota(flat, axis: 0), build.constant(0, flat)), build)
    func shifted(_ word: StableHLOValue, by bits: Int) -> StableHLOValue {
      let shifted = build.emit("shift_right_logical", word, build.constant(Double(bits), flat), to: flat)
      return build.emit("convert", shifted, to: flat.with(type.elementType))
    }
    func scaled(_ value: StableHLOValue, by number: Double) -> StableHLOValue {
      build.emit("multiply", value, build.constant(number, value.type), to: value.type)
    }
    let numbers: StableHLOValue
    switch type.elementType {
    case .float32: numbers = scaled(shifted(drawn.0, by: 8), by: 0x1p-24)
    case .float64:
      let high = scaled(shifted(drawn.0, by: 5), by: 0x1p26)
      numbers = scaled(build.emit("add", high, shifted(drawn.1, by: 6), to: high.type), by: 0x1p-53)
    case .int32, .bool: numbers = drawn.0
    }
    return [build.reshape(numbers, to: type.shape)]
  }

  private static func words(of pair: StableHLOValue, _ build: StableHLOBuilder) -> Words {
    func word(_ place: Int) -> StableHLOValue {
      build.reshape(build.slice(pair, axis: 0, place..<place + 1), to: .scalar)
    }
    return (word(0), word(1))
  }
}
