import Compilation
import Differentiation
import GraphIR
import KernelIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Graphs of others are checked before anything is made of them.
@Suite struct GraphTests {
  // MARK: Operators

  /// Attributes as no operator wants them.
  private static let attributes: [Attribute] = [
    .integer(.max), .integer(.min), .integer(-1), .integer(0), .integer(7), .integers([]), .integers([.max, .max]),
    .integers([.min]), .integers([-1]), .integers([0, 0]), .integers([0, 1, 2, 3, 4, 5, 6, 7, 8]),
    .integers([1 << 40, 1 << 40]), .number(.nan), .number(-.infinity), .flag(true), .text("full"), .text(""),
    .elementType(.bool), .elementType(.float64),
  ]

  /// Types as no operator wants them.
  private static let types: [TensorType] = [
    TensorType(.float32, .scalar), TensorType(.int32, [3]), TensorType(.bool, [0, 3]), TensorType(.float32, [.max]),
    TensorType(.float64, [.max, .max]), TensorType(.int32, [1 << 47]), TensorType(.float32, [-1, 3]),
    TensorType(.bool, [1 << 47]), TensorType(.float32, [0, 1 << 45]), TensorType(.int32, []),
    TensorType(.float32, Shape(Array(repeating: 2, count: 12))),
  ]

  private static func mutants(_ signature: OperationSignature) -> [OperationSignature] {
    func changed(_ change: (inout OperationSignature) -> Void) -> OperationSignature {
      var mutant = signature
      change(&mutant)
      return mutant
    }
    var mutants = [changed { $0.operands = [] }, changed { $0.operands += $0.operands }]
    for operand in signature.operands.indices {
      mutants.append(changed { $0.operands.remove(at: operand) })
      mutants += types.map { type in changed { $0.operands[operand] = type } }
    }
    mutants += types.map { type in changed { $0.operands = $0.operands.map { _ in type } } }
    for entry in signature.attributes.entries {
      mutants.append(changed { $0.attributes[entry.name] = nil })
      mutants += attributes.map { attribute in changed { $0.attributes[entry.name] = attribute } }
    }
    return mutants
      + mutants.map { mutant in
        var mutant = mutant
        mutant.regions = [.init(parameters: [types[0], types[3]], results: [])]
        return mutant
      }
  }

  private static let loop: OperationSignature = {
    let carry = TensorType(.float32, [4])
    var signature = OperationSignature(
      operands: [carry, TensorType(.float32, [3, 2])],
      attributes: [
        "count": .integer(3), "carries": .integer(1), "reversed": .flag(false), "gradient": .text("last"),
        "gradient_parameter": .integer(1), "ignored_label": .integer(1),
      ])
    signature.regions = [
      .init(parameters: [TensorType(.int32, .scalar), carry, TensorType(.float32, [2])], results: [carry, carry])
    ]
    return signature
  }()

  /// A type rule says what is wrong, or gives types that a process can address; it never traps.
  @Test(arguments: OperatorTable.all.map(\.name)) func anySignatureIsAnswered(_ name: String) throws {
    let used = OperatorTable.operator(name)
    let samples = used.samples.map { OperationSignature(operands: $0.operands, attributes: $0.attributes) }
    for signature in samples + [Self.loop] {
      let mutants = Self.mutants(signature)
      // Two at once, from every seventh: all of them would take a minute.
      let both = stride(from: 0, to: mutants.count, by: 7).flatMap { Self.mutants(mutants[$0]) }
      for mutant in mutants + both {
        do {
          let types = try used.types(of: mutant)
          #expect(types.allSatisfy { $0.problem == nil }, "\(mutant)")
        } catch {
          let error = try #require(error as? TypeError)
          #expect(error.constraint.hasPrefix(name + ".") && error.message.count > 8, "\(error)")
        }
      }
    }
  }

  // MARK: Ways to a program

  private static func expect(_ text: String, _ problem: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let graph = try Graph(parsing: text)
    func check(_ body: () throws -> Void) {
      let error = #expect(throws: GraphViolations.self, sourceLocation: sourceLocation) { try body() }
      #expect(error?.description == "graph g is not sound:\n  " + problem, sourceLocation: sourceLocation)
    }
    check { try graph.verify() }
    check { _ = try Compiler.plan(graph, CompilerOptions(workerCount: 1)) }
    check { _ = try Compiler.compile(graph, CompilerOptions(workerCount: 1)) }
    check { _ = try graph.differentiated() }
  }

  @Test(arguments: [
    ("add %x, %x : f32[9]", "add: results should be [f32[4]]"),
    ("add %x : f32[4]", "add: add.0: needs 2 operands, got 1"),
    ("explode %x : f32[4]", "explode: no such operator"),
    ("sum %x : f32[]", "sum: sum.1: needs the list of integers 'axes'"),
    (
      "broadcast %x {axes = [0], shape = [4, 9223372036854775807]} : f32[4, 9223372036854775807]",
      "broadcast: broadcast.size: f32[4, 9223372036854775807] has more than 2^60 bytes"
    ),
    ("reshape %x {shape = [-4, -1]} : f32[4]", "reshape: reshape.1: extents must not be negative, got [-4, -1]"),
    (
      "pad %x {after = 9223372036854775807, axis = 0, before = 1} : f32[4]",
      "pad: pad.2: 1 and 9223372036854775807 are more than a process can address"
    ),
    (
      "pad %x {after = 4294967296, axis = 0, before = 0} : f32[4294967300]",
      "pad: pad.3: positions up to 4294967300 are no numbers of type i32"
    ),
    (
      "broadcast %x {axes = [1], shape = [2147483648, 4]} : f32[2147483648, 4]\n"
        + "  %s = concatenate %y, %y {axis = 0} : f32[4294967296, 4]",
      "concatenate: concatenate.4: positions up to 4294967296 are no numbers of type i32"
    ),
    ("layer_normalize %x : f32[4]", "layer_normalize: layer_normalize.3: needs the number 'epsilon'"),
    (
      "repeat %x {carries = 1, count = 9223372036854775807} : f32[4] (%i: i32[], %c: f32[4]) { yield %c }",
      "repeat: repeat.1: needs at most 2147483647 iterations, which i32 can count, got 9223372036854775807"
    ),
    (
      "repeat %x {carries = 0, count = 4} : f32[4] (%i: i32[], %c: f32[]) { yield %c }\n  %s = sum %y {axes = [0]} : f32[3]",
      "sum: results should be [f32[]]"
    ),
  ]) func illTypedGraphsAreRefused(_ operation: String, _ problem: String) throws {
    try Self.expect("graph @g(input %x: f32[4]) {\n  %y = \(operation)\n  return \"y\" %y\n}\n", problem)
  }

  /// Three loops of two thousand million iterations each, and a product of matrices that no machine holds.
  @Test func moreOperationsThanAnIntegerCountsArePlanned() throws {
    let graph = try Graph(
      parsing: """
        graph @g(input %x: f32[4]) {
          %a = repeat %x {carries = 1, count = 2147483647} : f32[4] (%i: i32[], %b: f32[4]) {
            %c = repeat %b {carries = 1, count = 2147483647} : f32[4] (%j: i32[], %d: f32[4]) {
              %e = repeat %d {carries = 1, count = 2147483647} : f32[4] (%k: i32[], %f: f32[4]) {
                %n = negate %f : f32[4]
                yield %n
              }
              yield %e
            }
            yield %c
          }
          return "y" %a
        }
        """)
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: 1))
    #expect(plan.schedule.flops.values.reduce(0, +) == OperationCount.most)
    let axis = Contraction.Axis(extent: 1 << 22, leftStride: 1, rightStride: 1, resultStride: 1)
    let product = Contraction(
      elementType: .float32, batch: [], rows: [axis], columns: [axis], inner: [axis], hasAccumulator: false)
    #expect(product.flops == OperationCount.most)
    #expect(OperationCount.product([.max, .max, 0]) == 0 && OperationCount.product([3, 5]) == 15)
    #expect(
      OperationCount.product(OperationCount.most, 1e9) == OperationCount.most && OperationCount.product(4, 1.5) == 6)
  }

  @Test func stacksHaveAnAxis() throws {
    try Self.expect(
      """
      graph @g(input %x: f32[]) {
        %y = repeat %x {carries = 0, count = 4} : f32[4] (%i: i32[], %c: f32[]) { yield %c }
        return "y" %y
      }
      """, "repeat: repeat.3: needs one slice per iteration, got f32[]")
  }

  @Test func namesMeanOneThing() throws {
    var graph = Graph(name: "g")
    for role in [ParameterRole.input, .weight] { _ = graph.addParameter(.scalar, name: "x", role: role) }
    graph.addResult(graph.parameters[0], name: "y")
    let error = #expect(throws: GraphViolations.self) { try Compiler.compile(graph, CompilerOptions(workerCount: 1)) }
    #expect(
      error?.description == "graph g is not sound:\n  graph g: the name 'x' of a weight is taken by an input")
  }

  /// Structures that no text describes: ids that point nowhere, regions inside themselves.
  @Test func brokenStructuresAreFound() throws {
    let sound = try Graph(
      parsing: """
        graph @g(state %x: f32[4]) {
          %y = repeat %x {carries = 1, count = 4} : f32[4] (%i: i32[], %c: f32[4]) { %n = negate %c : f32[4] yield %n }
          return "y" %y updates %x
        }
        """)
    #expect(sound.violations().isEmpty)
    func expect(_ problem: String, _ change: (inout Graph) -> Void) {
      var graph = sound
      change(&graph)
      let found = graph.violations()
      #expect(found.contains { $0.problem.contains(problem) }, "\(problem): \(found)")
      #expect(graph.allViolations() == found)
    }
    let far = Graph.Value(-5)
    expect("reads value -5, which is not defined") { $0.operations[0].operands = [far] }
    expect("defines value -5, which does not exist") { $0.operations[0].results = [far] }
    expect("has no results") { $0.operations[0].results = [] }
    expect("reads value 9999") { $0.regions[0].results = [Graph.Value(9999)] }
    expect("defines value 9999") { $0.regions[1].parameters[0] = Graph.Value(9999) }
    expect("has operation 77, which does not exist") { $0.regions[0].operations.append(Graph.OperationID(77)) }
    expect("does not exist, or has two owners") { $0.operations[1].regions = [Graph.body] }
    expect("does not exist, or has two owners") { $0.operations[1].regions = [Graph.RegionID(5)] }
    expect("does not exist, or has two owners") { $0.operations[1].regions += $0.operations[1].regions }
    expect("updates a parameter that does not exist") { $0.resultRoles[0].updatedParameter = -1 }
    expect("updates a parameter that does not exist") { $0.resultRoles[0].updatedParameter = 3 }
    expect("roles for 1 parameters") { $0.parameterRoles = [] }
    expect("stands in a scope that does not exist") { $0.operations[0].annotation.scope = 9 }
    expect("stands in a scope that is not before it") { $0.scopes.append(.init(name: "s", parent: 1)) }
  }

  @Test func lossesAreAmongTheResults() throws {
    let graph = try Graph(parsing: "graph @g(weight %x: f32[]) {\n  return \"y\" %x\n}\n")
    for position in [-1, 1, .max] {
      let error = #expect(throws: TypeError.self) { try graph.differentiated(result: position) }
      #expect(error?.description == "gradient.0: the loss must be one of 1 results, got position \(position)")
    }
  }
}
