import TensorTypes

/// A value of a StableHLO program: how its text calls it, and what it is.
public struct StableHLOValue: Sendable, Hashable {
  public let name: String
  public let type: TensorType

  public init(_ name: String, _ type: TensorType) { (self.name, self.type) = (name, type) }
}

/// Operations of StableHLO as text, one after another, in MLIR's generic form.
///
/// The language is specified by OpenXLA ("StableHLO Specification", version 1); attributes are spelled as it has them.
public final class StableHLOBuilder {
  /// Of the region at hand, innermost last.
  private var regions: [[String]] = [[]]
  private var valueCount = 0

  public init() {}

  /// The lines of the outermost region.
  public var lines: [String] { regions[0] }

  public struct Region { let text: String }

  /// A region with parameters of these types that ends with what the body returns.
  public func region(_ parameters: [TensorType], _ body: ([StableHLOValue]) -> [StableHLOValue]) -> Region {
    let own = parameters.map { StableHLOValue(newName(), $0) }
    regions.append([])
    let results = body(own)
    addReturn(results)
    let lines = regions.removeLast()
    let header = own.map { "\($0.name): \(Self.text($0.type))" }.joined(separator: ", ")
    return Region(text: (["^bb0(\(header)):"] + lines).joined(separator: "\n"))
  }

  public func addReturn(_ results: [StableHLOValue], _ name: String = "stablehlo.return") {
    let names = results.map(\.name).joined(separator: ", ")
    add("\"\(name)\"(\(names)) : (\(Self.texts(results.map(\.type)))) -> ()")
  }

  /// Adds an operation and returns its results.
  public func emit(
    _ name: String, _ operands: [StableHLOValue], _ attributes: KeyValuePairs<String, String> = [:],
    regions inner: [Region] = [], to types: [TensorType]
  ) -> [StableHLOValue] {
    let results = types.map { StableHLOValue(newName(), $0) }
    var text = "\"\(name)\"(\(operands.map(\.name).joined(separator: ", ")))"
    if !inner.isEmpty { text += " ({\n" + inner.map(\.text).joined(separator: "\n}, {\n") + "\n})" }
    if !attributes.isEmpty { text += " {\(attributes.map { "\($0) = \($1)" }.joined(separator: ", "))}" }
    text += " : (\(Self.texts(operands.map(\.type)))) -> (\(Self.texts(types)))"
    add(results.isEmpty ? text : results.map(\.name).joined(separator: ", ") + " = " + text)
    return results
  }

  /// Adds an operation of the dialect's own with one result.
  public func emit(
    _ name: String, _ operands: StableHLOValue..., attributes: KeyValuePairs<String, String> = [:], to type: TensorType
  ) -> StableHLOValue {
    emit("stablehlo.\(name)", operands, attributes, to: [type])[0]
  }

  private func add(_ line: String) { regions[regions.count - 1].append(line) }

  private func newName() -> String {
    defer { valueCount += 1 }
    return "%\(valueCount)"
  }

  // MARK: Texts

  /// `tensor<2x3xf32>`
  public static func text(_ type: TensorType) -> String {
    "tensor<\((type.shape.extents.map(String.init) + [text(type.elementType)]).joined(separator: "x"))>"
  }

  static func texts(_ types: [TensorType]) -> String { types.map(text).joined(separator: ", ") }

  static func text(_ type: ElementType) -> String {
    switch type {
    case .float32: "f32"
    case .float64: "f64"
    case .int32: "i32"
    case .bool: "i1"
    }
  }

  /// `array<i64: 1, 2>`
  static func text(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "array<i64>" : "array<i64: \(numbers.map(String.init).joined(separator: ", "))>"
  }
}
