import GraphIR
import Operators
import TensorTypes

/// Uses of any operator of the table, drawn from its samples: an operator is covered once it lists one.
extension ProgramGenerator {
  /// Applies one operator to values of the pool, in a variation of one of its samples that its type rule accepts.
  func sampled(_ pool: inout ValuePool) {
    let used = OperatorTable.all[below(OperatorTable.all.count)]
    guard !used.samples.isEmpty else { return loop(&pool, depth: 2) }
    let sample = used.samples[below(used.samples.count)]
    let varied = (0..<12).lazy.map { _ in self.varied(sample) }.first { self.isAccepted($0, by: used) } ?? sample
    let operands = zip(varied.operands, varied.domains).map { operand($0, $1, pool) }
    guard let results = try? build.apply(used, operands, varied.attributes) else { return }
    for result in results { add(result, to: &pool) }
  }

  /// Adds a value of any type to the pool, and what comes of it under the program's own type.
  func add(_ value: Graph.Value, to pool: inout ValuePool) {
    guard build.type(of: value) != type else { return pool.common.append(value) }
    pool.others.append(value)
    guard let back = fitted(value, to: type) else { return }
    let bounded = chance(70) ? build.emit1(.hyperbolicTangent, back) : back
    pool.common.append(chance(50) ? build.add(bounded, build.scale(pick(pool.common), by: 0.5)) : bounded)
  }

  /// At most so many elements: the reference evaluation is slow on purpose.
  private var mostElements: Int { sizes == .small ? 1 << 10 : 1 << 14 }

  private func isAccepted(_ sample: OperatorSample, by used: Operator) -> Bool {
    let signature = OperationSignature(operands: sample.operands, attributes: sample.attributes)
    guard let results = try? used.type(signature) else { return false }
    return (sample.operands + results).allSatisfy { $0.elementCount <= mostElements }
  }

  /// The sample with other extents and element types, each the same wherever it was the same, and other attributes.
  private func varied(_ sample: OperatorSample) -> OperatorSample {
    var varied = sample
    var extents: [Int: Int] = [:]
    let changesExtents = chance(80)
    func changed(_ extent: Int) -> Int {
      guard changesExtents else { return extent }
      if let known = extents[extent] { return known }
      extents[extent] = chance(30) ? extent : chance(50) ? shape[below(2)] : drawnExtent()
      return extents[extent] ?? extent
    }
    let elementTypes = drawnElementTypes()
    varied.operands = sample.operands.map {
      TensorType(elementTypes[$0.elementType] ?? $0.elementType, Shape($0.shape.extents.map(changed)))
    }
    for entry in sample.attributes.entries {
      varied.attributes[entry.name] = attribute(entry, changed, elementTypes)
    }
    if sample.operands.count > 2, chance(10) { varied = varied.withoutLastOperand() }
    return varied
  }

  private func drawnExtent() -> Int {
    [1, 2, 3, 4, 5, 8, 17, 32, 40, 65, 300, 0][below(sizes == .any && chance(15) ? 12 : 9)]
  }

  private func drawnElementTypes() -> [ElementType: ElementType] {
    if type.elementType == .float64 || chance(10) { return [.float32: .float64] }
    return chance(15) ? [.float32: ElementType.allCases[below(4)]] : [:]
  }

  private func attribute(
    _ entry: Attributes.Entry, _ changed: (Int) -> Int, _ elementTypes: [ElementType: ElementType]
  ) -> Attribute {
    let isKept = chance(50)
    switch entry.value {
    case .integers(let extents) where entry.name == "shape":
      return .integers(isKept ? extents.map(changed) : refactored(extents.map(changed)))
    case .integers(let axes) where !isKept: return .integers(redrawn(axes))
    case .integer(let number) where !isKept: return .integer(below(number + 3))
    case .number(let number) where !isKept: return .number([0, -0.0, 1, 0.5, 1e-5, number][below(6)])
    case .elementType(let elementType):
      return .elementType(isKept ? elementTypes[elementType] ?? elementType : ElementType.allCases[below(4)])
    default: return entry.value
    }
  }

  /// Other axes: in another order, fewer, or another one.
  private func redrawn(_ axes: [Int]) -> [Int] {
    var axes = axes
    for index in axes.indices.dropFirst() { axes.swapAt(index, below(index + 1)) }
    if chance(30) { axes = Array(axes.dropLast()) }
    if chance(30) { axes.append(below(4)) }
    return axes
  }

  /// The same number of elements under other extents.
  private func refactored(_ extents: [Int]) -> [Int] {
    let count = extents.reduce(1, *)
    let factors = [1, 2, 3, 4, 5, 6, 8].filter { count > 0 && count.isMultiple(of: $0) }
    guard !factors.isEmpty else { return extents.reversed() }
    let factor = factors[below(factors.count)]
    return [[count], [factor, count / factor], [count / factor, 1, factor], extents.reversed()][below(4)]
  }
}

extension OperatorSample {
  fileprivate func withoutLastOperand() -> OperatorSample {
    OperatorSample(Array(operands.dropLast()), attributes, domains: Array(domains.dropLast()))
  }
}

extension ProgramGenerator {
  /// A value of the type: one of the pool, a parameter, or another value of the pool cut or repeated to its shape.
  func operand(_ type: TensorType, _ domain: OperatorSample.Domain, _ pool: ValuePool) -> Graph.Value {
    if type.elementType == .int32 { return numbers(type, domain, pool) }
    let same = pool.all.filter { build.type(of: $0) == type }
    if !same.isEmpty, chance(70) { return within(domain, pick(same)) }
    if chance(40), let fitted = fitted(pick(pool.all), to: type) { return within(domain, fitted) }
    return within(domain, parameter(type))
  }

  /// Integers: where they must lie below a bound, from a parameter of their own or computed.
  private func numbers(_ type: TensorType, _ domain: OperatorSample.Domain, _ pool: ValuePool) -> Graph.Value {
    guard case .integers(let bound) = domain else {
      return fitted(pick(pool.all), to: type) ?? parameter(type, below: 9)
    }
    let real = type.with(.float32)
    guard chance(50), let source = fitted(pick(pool.common), to: real) else { return parameter(type, below: bound) }
    return build.convert(build.scale(build.emit1(.sigmoid, source), by: Double(bound) - 0.01), to: .int32)
  }

  func parameter(_ type: TensorType, below bound: Int = 9) -> Graph.Value {
    parameterCount += 1
    let name = "p\(parameterCount)"
    switch type.elementType {
    case .int32: return build.graph.addParameter(type, name: RandomData.name(name, below: bound), role: .input)
    case .bool: return build.graph.addParameter(type, name: name, role: .input)
    case .float32, .float64:
      let role: ParameterRole = [.weight, .weight, .weight, .input, .constant][below(5)]
      return build.graph.addParameter(type, name: name, role: role)
    }
  }

  /// Mostly squeezed into the domain, so that few numbers are lost to NaN.
  private func within(_ domain: OperatorSample.Domain, _ value: Graph.Value) -> Graph.Value {
    guard case .uniform(let low, let high) = domain, build.type(of: value).elementType.isFloatingPoint, low > -1,
      chance(80)
    else { return value }
    let share = build.scale(build.emit1(.sigmoid, value), by: high - low)
    return build.add(share, build.constant(low, like: value))
  }

  /// The elements of a value under another type, repeated or cut where their number differs; nil where there are none.
  func fitted(_ value: Graph.Value, to type: TensorType) -> Graph.Value? {
    let (count, needed) = (build.type(of: value).elementCount, type.elementCount)
    guard count > 0 || needed == 0 else { return nil }
    var flat = build.reshape(value, to: [count])
    if count < needed {
      let times = (needed + count - 1) / count
      flat = build.reshape(build.broadcast(flat, to: [times, count], axes: [1]), to: [times * count])
    }
    if build.type(of: flat).elementCount > needed {
      flat = build.emit(.slice, [flat], ["axis": .integer(0), "start": .integer(0), "end": .integer(needed)])[0]
    }
    return build.convert(build.reshape(flat, to: type.shape), to: type.elementType)
  }
}
