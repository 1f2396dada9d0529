import Interchange
import Recurve
import TestSupport
import Testing

/// Names of other programs, and what is made of their tensors.
@Suite struct TensorMapTests {
  private struct Small: Model {
    let layers = (0..<2).map { _ in Linear(3, 2) }
    let head = Linear(2, 2, hasBias: true)

    func step(_ inputs: Inputs) -> Step {
      Step(loss: head(layers[0](inputs("x", [1, 3])) + layers[1](inputs("x2", [1, 3]))).sum())
    }
  }

  private static func numbers(_ shape: Shape, from first: Int = 0) -> HostTensor {
    HostTensor(shape, (0..<shape.elementCount).map { Float(first + $0) })
  }

  private static let file: [String: HostTensor] = [
    "compiled.blocks.0.fc.kernel": numbers([3, 2]), "compiled.blocks.1.fc.kernel": numbers([3, 2], from: 10),
    "q": numbers([1, 2], from: 20), "k": numbers([1, 2], from: 30), "scores.bias": numbers([4], from: 40),
    "unused": numbers([5]),
  ]
  private static let rules = [
    "# what the other program calls them", "", "**.blocks.*.fc.kernel^T = layers.*.weight", "q + k = head.weight",
    "scores.bias[1:3] = head.bias",
  ]

  private func take(
    _ rules: [String], _ file: [String: HostTensor] = file, only: [PathPattern] = []
  ) throws -> (store: ParameterStore, report: ImportReport) {
    try withTemporaryFolder { folder in
      try SafetensorsFile(tensors: file).write(to: folder + "/other.safetensors")
      let store = try ParameterStore(Small(), seed: 1)
      return (store, try store.take(folder + "/other.safetensors", by: try TensorMap(rules), only: only))
    }
  }

  @Test func namesRowsAndColumnsAreMapped() throws {
    let (store, report) = try take(Self.rules)
    #expect(store["layers.0.weight"]?.floats == [0, 2, 4, 1, 3, 5])
    #expect(store["layers.1.weight"]?.floats == [10, 12, 14, 11, 13, 15])
    #expect(store["head.weight"]?.floats == [20, 21, 30, 31] && store["head.bias"]?.floats == [41, 42])
    #expect(
      report.taken.map(\.source) == [
        "compiled.blocks.0.fc.kernel^T", "compiled.blocks.1.fc.kernel^T", "q + k", "scores.bias[1:3]",
      ])
    #expect(report.notTaken.map(\.name) == ["unused"] && report.notTaken[0].shape == "5" && report.kept.isEmpty)
  }

  @Test func someAreTakenAlone() throws {
    let (store, report) = try take(Self.rules, only: ["head.*"])
    #expect(report.taken.map(\.name) == ["head.weight", "head.bias"])
    #expect(report.kept.map(\.name) == ["layers.0.weight", "layers.1.weight"])
    #expect(try store["layers.0.weight"] == ParameterStore(Small(), seed: 1)["layers.0.weight"])
  }

  /// What stands together in the file stays together.
  @Test func joinedPartsStandAtOnePlace() throws {
    let file = [
      "model.q": Self.numbers([1, 2], from: 1), "model.k": Self.numbers([1, 2], from: 3),
      "average.k": Self.numbers([1, 2], from: 90),
    ]
    #expect(try take(["**.q + **.k = head.weight"], file).store["head.weight"]?.floats == [1, 2, 3, 4])
  }

  @Test func whatDoesNotFitIsRefusedTogether() throws {
    func message(_ rules: [String], _ file: [String: HostTensor] = Self.file, only: [PathPattern] = []) -> String {
      #expect(throws: CheckpointError.self) { try take(rules, file, only: only) }?.description ?? ""
    }
    let found = message(["**.blocks.*.fc.kernel = layers.*.weight", "scores.bias = head.bias"])
    for part in [
      "'compiled.blocks.0.fc.kernel' is f32[3, 2], 'layers.0.weight' needs f32[2, 3]",
      "'scores.bias' is f32[4], 'head.bias' needs f32[2]",
    ] { #expect(found.contains(part), "\(found)") }
    #expect(message(["scores.bias[3:5] = head.bias"]).contains("'scores.bias[3:5]' has no such rows, it is [4]"))
    #expect(message(["scores.bias^T = head.bias"]).contains("'scores.bias^T' needs a matrix to swap rows and columns"))
    #expect(message(["q + v = head.weight"]).contains("'v' is missing"))
    #expect(message(["q + unused = head.weight"]).contains("[1, 2] and [5] cannot stand one below the other"))
    let long = HostTensor([1 << 62, 0], .bool([]))
    #expect(
      message(["long + more = head.weight"], ["long": long, "more": long]).contains(
        "[4611686018427387904, 0] and [4611686018427387904, 0] cannot stand one below the other"))
    let one = HostTensor(.scalar, [1 as Float])
    #expect(message(["q + one = head.weight"], ["q": one, "one": one]).contains("[] and [] cannot stand one below"))
    let wide = HostTensor([0, 1 << 62], .bool([]))
    #expect(
      message(["wide^T = head.weight"], ["wide": wide]).contains(
        "'wide^T' is f32[4611686018427387904, 0], 'head.weight' needs f32[2, 2]"))
    #expect(message(["q = head.bias", "k = head.bias"]).contains("'q' and 'k' are meant for 'head.bias'"))
    #expect(message(["q = nothing.here"]).contains("it has nothing for any weight; is it of this model?"))
    #expect(message(Self.rules, only: ["tail.*"]).contains("no weight is called 'tail.*'"))
    var broken = Self.file
    broken["q"] = HostTensor([1, 2], [.nan, 0])
    #expect(message(Self.rules, broken).contains("'q + k' "))
  }

  @Test(arguments: [
    "q", "q = ", "= q", "a = b = c", "a.* = b", "a = b.*", "a[1] = b", "a[2:1] = b", "a.** = b", "** = **", "a + = b",
  ])
  func rulesThatAreNoneAreNamed(_ rule: String) {
    let error = #expect(throws: TensorMapError.self) { try TensorMap(["a = b", rule]) }
    #expect(error?.description.hasPrefix("rule 2 of the map is '\(rule)', needs 'name in the file = ") == true)
  }
}
