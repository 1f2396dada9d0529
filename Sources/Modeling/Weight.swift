import TensorTypes

/// Numbers that belong to a model: trained, or fixed.
///
/// A weight is created once, with the layer that owns it; its name is the path of properties that leads to it.
public final class Weight: Sendable {
  public let shape: Shape
  public let initializer: Initializer
  /// Whether gradients are taken with respect to it.
  public let isTrained: Bool

  public init(_ shape: Shape, _ initializer: Initializer, isTrained: Bool = true) {
    self.shape = shape
    self.initializer = initializer
    self.isTrained = isTrained
  }

  /// Fixed numbers, for example positions or initial states.
  public static func constant(_ shape: Shape, _ initializer: Initializer) -> Weight {
    Weight(shape, initializer, isTrained: false)
  }

  /// The weight in the model that is being traced.
  public var tensor: Tensor {
    guard let trace = Trace.current else { preconditionFailure("a weight is read outside a trace") }
    return trace.value(of: self)
  }

  func fallbackName(_ number: Int) -> String { "weight\(number)" }
}

/// Finds the weights of a model by reflection and names them by their paths: `blocks.0.attention.query`.
enum WeightNames {
  static func collect(_ model: Any) -> [(String, Weight)] {
    var found: [(String, Weight)] = []
    visit(model, path: "", &found)
    return found
  }

  private static func visit(_ value: Any, path: String, _ found: inout [(String, Weight)]) {
    if let weight = value as? Weight {
      found.append((path, weight))
      return
    }
    for (index, child) in Mirror(reflecting: value).children.enumerated() {
      let label = child.label.flatMap { $0 == "some" ? nil : $0 } ?? "\(index)"
      let isWrapper = child.label == "some"
      visit(child.value, path: isWrapper ? path : path.isEmpty ? label : "\(path).\(label)", &found)
    }
  }
}
