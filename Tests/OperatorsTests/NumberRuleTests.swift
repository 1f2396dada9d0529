import Compilation
import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing
import Transforms

/// What the language says of NaN, zeros, overflow and conversions: the right values, in the reference evaluation, in
/// generated code and in folded constants.
@Suite struct NumberRuleTests {
  private static let nan = Double.nan, infinity = Double.infinity

  @Test(arguments: [ElementType.float32, .float64]) func maximaLetNaNThrough(_ type: ElementType) throws {
    let cases: [(Double, Double, Double)] = [
      (Self.nan, 1, Self.nan), (1, Self.nan, Self.nan), (Self.nan, Self.nan, Self.nan),
      (-Self.infinity, Self.nan, Self.nan), (-Self.infinity, Self.infinity, Self.infinity), (-0.0, 0, 0), (0, -0.0, 0),
      (-0.0, -0.0, -0.0), (-1, 1, 1), (2, -3, 2),
    ]
    let (a, b, larger) = (cases.map(\.0), cases.map(\.1), cases.map(\.2))
    try expect(.maximum, [tensor(a, type), tensor(b, type)], gives: tensor(larger, type))
    try expect(
      .minimum, [tensor(a.map { -$0 }, type), tensor(b.map { -$0 }, type)], gives: tensor(larger.map { -$0 }, type))
  }

  @Test(arguments: [ElementType.float32, .float64]) func rowMaximaLetNaNThrough(_ type: ElementType) throws {
    let rows: [([Double], maximum: Double, position: Double)] = [
      ([Self.nan, 1, 2], Self.nan, 0), ([1, Self.nan, Self.nan], Self.nan, 1), ([2, 1, 2], 2, 0),
      ([Self.nan, Self.nan, Self.nan], Self.nan, 0), ([-0.0, 0, -0.0], 0, 0), ([-0.0, -0.0, -0.0], -0.0, 0),
      ([-Self.infinity, -Self.infinity, -Self.infinity], -Self.infinity, 0),
      ([-1, Self.infinity, 3], Self.infinity, 1),
      ([3, 2, -Self.nan], Self.nan, 2), ([-3, -1, -2], -1, 1),
    ]
    let x = tensor(rows.flatMap(\.0), type, [rows.count, 3])
    try expect(.reduceMaximum, [x], ["axes": .integers([1])], gives: tensor(rows.map(\.maximum), type))
    try expect(.argumentOfMaximum, [x], ["axis": .integer(1)], gives: tensor(rows.map(\.position), .int32))
    // The same along the leading axis, which has code of its own.
    let columns = tensor((0..<3).flatMap { column in rows.map { $0.0[column] } }, type, [3, rows.count])
    try expect(.reduceMaximum, [columns], ["axes": .integers([0])], gives: tensor(rows.map(\.maximum), type))
  }

  @Test func signsOfZerosAndNaN() throws {
    try expect(.sign, [tensor([-0.0, 0, -2, 1e-40, Self.nan])], gives: tensor([-0.0, 0, -1, 1, Self.nan]))
  }

  /// One NaN among the scores makes its row's loss NaN, and no other.
  @Test func lossesLetNaNThrough() throws {
    let scores = tensor([Self.nan, 1, 2, 0, 1, 2], .float32, [2, 3])
    for used in [Operator.crossEntropy, .stablemaxCrossEntropy] {
      for label: Double in [0, 1, 2] {
        let loss = try evaluated(used, [scores, tensor([label, label], .int32)])
        #expect(loss.doubles[0].isNaN && loss.doubles[1].isFinite, "\(used.name) \(label)")
      }
    }
    for used in [Operator.crossEntropy, .stablemaxCrossEntropy] {
      let ignoring: Attributes = ["ignored_label": .integer(1)]
      let labels = tensor([1, 0], .int32)
      #expect(try evaluated(used, [scores, labels], ignoring).doubles[0] == 0)
      let slopes = try gradients(used, [scores, labels], ignoring)[0].doubles
      #expect(slopes.map(\.isNaN) == [true, true, true, false, false, false], "\(used.name)")
    }
    let binary = try evaluated(.binaryCrossEntropy, [tensor([Self.nan, 1]), tensor([0, 1])])
    #expect(binary.doubles[0].isNaN && binary.doubles[1].isFinite)
    #expect(try evaluated(.softmax, [scores]).doubles.map(\.isNaN) == [true, true, true, false, false, false])
  }

  /// A label that a graph computes may be no class: its row's loss and gradient are no numbers, and no other's.
  @Test(arguments: [-1.0, 3, 77, -2_147_483_648, 2_147_483_647]) func lossesKnowTheirClasses(_ label: Double) throws {
    for used in [Operator.crossEntropy, .stablemaxCrossEntropy] {
      let build = GraphBuilder(Graph(name: "classes"))
      let scores = build.graph.addParameter(TensorType(.float32, [3, 3]), name: "scores", role: .weight)
      let numbers = build.graph.addParameter(TensorType(.float64, [3]), name: "numbers", role: .input)
      let labels = build.convert(numbers, to: .int32)
      let losses = try build.apply(used, [scores, labels], ["ignored_label": .integer(7)])[0]
      build.graph.addResult(build.sum(losses, [0]), name: "loss")
      build.graph.addResult(losses, name: "losses")
      let graph = try build.graph.withGradients()
      let operands = [tensor([0, 1, 2, 0, 1, 2, 0, 1, 2], .float32, [3, 3]), tensor([2, label, 7], .float64)]
      let results = ReferenceEvaluator.evaluate(graph, operands)
      #expect(results[1].doubles.map(\.isNaN) == [false, true, false] && results[1].doubles[2] == 0, "\(used.name)")
      #expect(results[2].doubles.map(\.isNaN) == [false, false, false, true, true, true, false, false, false])
      try Compiler.compile(graph, CompilerOptions(workerCount: 1)).expect(graph, operands, used.name)
    }
  }

  /// Rows that a compiler unrolls whole: with branches, 18 columns took it minutes.
  @Test(.timeLimit(.minutes(1)), arguments: [2, 18, 31]) func positionsOfShortRowsCompileAtOnce(_ count: Int) throws {
    let row = tensor((0..<count).map { Double(($0 * 7) % count) }, .float32, [1, count])
    try expect(
      .argumentOfMaximum, [row], ["axis": .integer(1)],
      gives: tensor([Double((0..<count).max { ($0 * 7) % count < ($1 * 7) % count } ?? 0)], .int32))
  }

  @Test func gradientsOfMaxima() throws {
    let (a, b) = (tensor([Self.nan, 1, 2, 1, 3]), tensor([1, Self.nan, 1, 2, 3]))
    let maximum = try gradients(.maximum, [a, b])
    #expect(maximum[0].isIdentical(to: tensor([Self.nan, Self.nan, 1, 0, 0.5])))
    #expect(maximum[1].isIdentical(to: tensor([Self.nan, Self.nan, 0, 1, 0.5])))
    let minimum = try gradients(.minimum, [a, b])
    #expect(minimum[0].isIdentical(to: tensor([Self.nan, Self.nan, 0, 1, 0.5])))
    #expect(minimum[1].isIdentical(to: tensor([Self.nan, Self.nan, 1, 0, 0.5])))
    let rows = tensor([1, 3, 3, Self.nan, 2, 1], .float32, [2, 3])
    let largest = try gradients(.reduceMaximum, [rows], ["axes": .integers([1])])[0]
    #expect(largest.isIdentical(to: tensor([0, 0.5, 0.5, Self.nan, Self.nan, Self.nan], .float32, [2, 3])))
  }

  @Test func gradientsOfPowers() throws {
    let base = tensor([0, -3, -3, 0, 0, 0, 2, -2, 1e20])
    let exponent = tensor([2, 2, 3, 1, 0, 0.5, 3, 0.5, 2])
    let found = try gradients(.power, [base, exponent])
    #expect(found[0].isIdentical(to: tensor([0, -6, 27, 1, 0, Self.infinity, 12, Self.nan, 2e20])))
    let growth = found[1].doubles
    #expect([0, 3, 4, 5].allSatisfy { growth[$0] == 0 })
    #expect([1, 2, 7].allSatisfy { growth[$0].isNaN })
    #expect(abs(growth[6] - 5.545177) < 1e-5)
  }

  /// The squares of tiny and huge coordinates are 0 and infinity, the slopes are neither.
  @Test func gradientsOfAngles() throws {
    let (y, x) = (tensor([0, 0x1p-80, 0x1p80, 0]), tensor([0x1p-80, 0x1p-80, 0x1p80, 0x1p80]))
    let found = try gradients(.arctangent2, [y, x])
    #expect(found[0].isIdentical(to: tensor([0x1p80, 0x1p79, 0x1p-81, 0x1p-80])))
    #expect(found[1].isIdentical(to: tensor([-0.0, -0x1p79, -0x1p-81, -0.0])))
  }

  /// The square of a large number overflows, the slope of 1 does not.
  @Test func gradientOfGELUFarOut() throws {
    #expect(try gradients(.gelu, [tensor([1e20, -1e20, 0])])[0].isIdentical(to: tensor([1, 0, 0.5])))
  }

  @Test func conversionsToIntegersSaturate() throws {
    let (least, most) = (-2_147_483_648.0, 2_147_483_647.0)
    let numbers = [
      Self.nan, 3e9, -3e9, Self.infinity, -Self.infinity, 1.9, -1.9, -0.5, 2_147_483_520, least, 1e-40,
    ]
    let integers = [0, most, least, most, least, 1, -1, 0, 2_147_483_520, least, 0]
    for type in [ElementType.float32, .float64] {
      try expect(
        .convert, [tensor(numbers, type)], ["element_type": .elementType(.int32)], gives: tensor(integers, .int32))
    }
    try expect(
      .convert, [tensor([2_147_483_647.9, -2_147_483_648.9, 2_147_483_646.5], .float64)],
      ["element_type": .elementType(.int32)], gives: tensor([most, least, 2_147_483_646], .int32))
  }

  @Test func otherConversions() throws {
    for type in [ElementType.float32, .float64] {
      try expect(
        .convert, [tensor([Self.nan, 0, -0.0, 1e-40, -3], type)], ["element_type": .elementType(.bool)],
        gives: tensor([1, 0, 0, 1, 1], .bool))
    }
    try expect(
      .convert, [tensor([16_777_217, 16_777_219, 2_147_483_647, -2_147_483_648], .int32)],
      ["element_type": .elementType(.float32)], gives: tensor([16_777_216, 16_777_220, 2_147_483_648, -2_147_483_648]))
    try expect(
      .convert, [tensor([1e39, 1 + 0x1p-24, 1 + 3 * 0x1p-24, Self.nan, 1e-46], .float64)],
      ["element_type": .elementType(.float32)], gives: tensor([Self.infinity, 1, 1 + 0x1p-22, Self.nan, 0]))
    try expect(
      .convert, [tensor([-3, 0, 2_147_483_647], .int32)], ["element_type": .elementType(.bool)],
      gives: tensor([1, 0, 1], .bool))
  }

  @Test func wholeNumbersWrapAndCompareExactly() throws {
    let a = tensor([2_147_483_647, -2_147_483_648, 65_536, 46_341, 16_777_217], .int32)
    let b = tensor([1, -1, 65_536, 46_341, 16_777_216], .int32)
    try expect(.add, [a, b], gives: tensor([-2_147_483_648, 2_147_483_647, 131_072, 92_682, 33_554_433], .int32))
    try expect(.subtract, [b, a], gives: tensor([-2_147_483_646, 2_147_483_647, 0, 0, -1], .int32))
    try expect(
      .multiply, [a, b], gives: tensor([2_147_483_647, -2_147_483_648, 0, -2_147_479_015, 16_777_216], .int32))
    try expect(.equal, [a, b], gives: tensor([0, 0, 1, 1, 0], .bool))
    try expect(.less, [a, b], gives: tensor([0, 1, 0, 0, 0], .bool))
    try expect(.maximum, [a, b], gives: tensor([2_147_483_647, -1, 65_536, 46_341, 16_777_217], .int32))
  }

  @Test(arguments: [
    (1.5, ElementType.int32, "1.5 is no i32; convert the tensor first"),
    (3e9, .int32, "3000000000.0 is no i32; convert the tensor first"),
    (.nan, .int32, "nan is no i32; convert the tensor first"), (2, .bool, "2.0 is no bool, which is 0 or 1"),
    (1e300, .float32, "1e+300 is too large for f32"),
  ])
  func constantsAreOfTheirType(_ value: Double, _ type: ElementType, _ problem: String) {
    let build = GraphBuilder(Graph(name: "constant"))
    let attributes: Attributes = ["value": .number(value), "element_type": .elementType(type), "shape": .integers([])]
    #expect(throws: TypeError("constant.3", problem)) {
      _ = try build.apply(.constant, [], attributes)
    }
  }
}

extension NumberRuleTests {
  private func tensor(_ numbers: [Double], _ type: ElementType = .float32, _ shape: Shape? = nil) -> HostTensor {
    HostTensor(shape ?? [numbers.count], .float64(numbers)).converted(to: type)
  }

  private func graph(_ used: Operator, _ operands: [HostTensor], _ attributes: Attributes) throws -> Graph {
    let build = GraphBuilder(Graph(name: used.name))
    let values = operands.enumerated().map {
      build.graph.addParameter($1.type, name: "x\($0)", role: $1.elementType.isFloatingPoint ? .weight : .input)
    }
    build.graph.addResult(try build.apply(used, values, attributes)[0], name: "result")
    return build.graph
  }

  /// The reference evaluation, with which generated code must agree.
  private func evaluated(
    _ used: Operator, _ operands: [HostTensor], _ attributes: Attributes = [:]
  ) throws -> HostTensor {
    let graph = try graph(used, operands, attributes)
    try Compiler.compile(graph, CompilerOptions(workerCount: 1)).expect(graph, operands, used.name)
    return ReferenceEvaluator.evaluate(graph, operands)[0]
  }

  private func expect(
    _ used: Operator, _ operands: [HostTensor], _ attributes: Attributes = [:], gives needed: HostTensor
  ) throws {
    let found = try evaluated(used, operands, attributes)
    #expect(found.isIdentical(to: needed), "\(used.name): \(found.doubles), not \(needed.doubles)")
    guard used.kind == .elementwise else { return }
    for position in needed.doubles.indices {
      let folded = try folded(used, operands.map { ($0.doubles[position], $0.elementType) }, attributes)
      let element = tensor([needed.doubles[position]], needed.elementType)
      #expect(folded.isIdentical(to: element), "\(used.name) folded at \(position): \(folded.doubles)")
    }
  }

  /// The element-wise function of constants, which simplification makes a constant.
  private func folded(
    _ used: Operator, _ numbers: [(Double, ElementType)], _ attributes: Attributes
  ) throws -> HostTensor {
    let build = GraphBuilder(Graph(name: "folded"))
    let values = numbers.map { build.constant($0.0, TensorType($0.1, [1])) }
    build.graph.addResult(try build.apply(used, values, attributes)[0], name: "result")
    let simplified = Pass.simplification.run(build.graph)
    let result = try #require(simplified.definingOperation(of: simplified.results[0]))
    #expect(simplified[result].name == "constant", "\(used.name) is not folded")
    return ReferenceEvaluator.evaluate(simplified, [])[0]
  }

  /// Gradients of the sum of the results, which generated code must give too.
  private func gradients(
    _ used: Operator, _ operands: [HostTensor], _ attributes: Attributes = [:]
  ) throws -> [HostTensor] {
    let build = GraphBuilder(try graph(used, operands, attributes))
    let result = build.graph.results[0]
    build.graph[Graph.body].results = []
    build.graph.resultRoles = []
    build.graph.addResult(build.sum(result, Array(0..<build.type(of: result).shape.rank)), name: "loss")
    let differentiated = try build.graph.withGradients()
    try Compiler.compile(differentiated, CompilerOptions(workerCount: 1)).expect(differentiated, operands, used.name)
    return Array(ReferenceEvaluator.evaluate(differentiated, operands).dropFirst())
  }
}
