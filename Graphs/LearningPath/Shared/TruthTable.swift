import Recurve

/// A function of bits as a data set: every row of its table, once.
struct TruthTable: Sendable {
  let name: String
  let inputs: [[Float]]
  let outputs: [[Float]]
  let outputNames: [String]

  var bits: Int { inputs[0].count }
  var inputNames: [String] { (0..<bits).map { ["a", "b", "c"][$0] } }
  /// The name without blanks, for files.
  var fileName: String { name.lowercased().replacing(" ", with: "-") }

  init(_ name: String, bits: Int, outputs names: [String] = ["y"], _ function: ([Bool]) -> [Bool]) {
    self.name = name
    outputNames = names
    let rows = (0..<1 << bits).map { row in (0..<bits).map { row >> (bits - 1 - $0) & 1 == 1 } }
    inputs = rows.map { $0.map { $0 ? 1 : 0 } }
    outputs = rows.map { function($0).map { $0 ? 1 : 0 } }
  }

  static let xor = TruthTable("XOR", bits: 2) { [$0[0] != $0[1]] }
  static let and = TruthTable("AND", bits: 2) { [$0[0] && $0[1]] }
  static let or = TruthTable("OR", bits: 2) { [$0[0] || $0[1]] }
  /// Sum and carry of two bits.
  static let halfAdder = TruthTable("half adder", bits: 2, outputs: ["sum", "carry"]) {
    [$0[0] != $0[1], $0[0] && $0[1]]
  }
  /// Sum and carry of three bits.
  static let fullAdder = TruthTable("full adder", bits: 3, outputs: ["sum", "carry"]) { bits in
    let count = bits.count { $0 }
    return [count % 2 == 1, count > 1]
  }
  static let parity = TruthTable("3-bit parity", bits: 3) { [$0.count { $0 } % 2 == 1] }
  static let majority = TruthTable("3-bit majority", bits: 3) { [$0.count { $0 } > 1] }

  /// The tensors of a step of `Perceptron`.
  var tensors: [String: HostTensor] {
    [
      "x": HostTensor(Shape([inputs.count, inputs[0].count]), inputs.flatMap { $0 }),
      "target": HostTensor(Shape([outputs.count, outputs[0].count]), outputs.flatMap { $0 }),
    ]
  }
}
