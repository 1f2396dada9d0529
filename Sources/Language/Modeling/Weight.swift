import GraphIR
import Operators
import TensorTypes

/// Numbers that belong to a model: trained, or fixed.
///
/// A weight is created once, with the layer that owns it; its name is the path of properties that leads to it.
public final class Weight: Sendable {
  public let shape: Shape
  public let initializer: Initializer
  /// Whether gradients are taken with respect to it.
  public let isTrained: Bool
  /// The line that made it.
  let site: CallSite
  private let isMadeInTrace: Bool

  public init(
    _ shape: Shape, _ initializer: Initializer, isTrained: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    self.shape = shape
    self.initializer = initializer
    self.isTrained = isTrained
    site = CallSite(file, line)
    isMadeInTrace = Trace.current != nil
  }

  /// Fixed numbers, for example positions or initial states.
  public static func constant(
    _ shape: Shape, _ initializer: Initializer, file: StaticString = #fileID, line: Int = #line
  ) -> Weight {
    Weight(shape, initializer, isTrained: false, file: file, line: line)
  }

  public var type: TensorType { TensorType(.float32, shape) }

  /// The weight in the model that is being traced.
  public var tensor: Tensor {
    guard let trace = Trace.current else { return Tensor(strayOf: type) }
    return trace.value(of: self)
  }
}

extension Trace {
  /// The value of a weight, a parameter of the graph from its first use on.
  fileprivate func value(of weight: Weight) -> Tensor {
    let identifier = ObjectIdentifier(weight)
    if let value = weightValues[identifier] { return Tensor(self, value, weight.type) }
    let path = paths.path(of: weight)
    guard let name = path, weight.problem(named: path) == nil else {
      note(TraceMessage(text: weight.problem(named: path) ?? ""))
      return Tensor(self, nil, weight.type)
    }
    let value = builder.graph.addParameter(weight.type, name: name, role: role(of: weight, name))
    weightValues[identifier] = value
    parameterSites[value] = locations.add(weight.site)
    weights.append(NamedWeight(name: name, weight: weight))
    return Tensor(self, value, weight.type)
  }
}

/// A weight with the path that leads to it.
public struct NamedWeight: Sendable {
  public var name: String
  public var weight: Weight

  /// Its first numbers, from the seed and its own name.
  public func initial(seed: UInt64) -> HostTensor {
    let own = ByteHash.of(name.utf8)
    return weight.initializer.tensor(weight.shape, seed: own ^ (seed &* 0x9E37_79B9))
  }
}

extension Weight {
  /// Why it cannot be a weight of a model; nil where it can.
  func problem(named name: String?) -> String? {
    if isMadeInTrace {
      return "a weight is made while the model is traced\(site.location.suffix); make it with the layer that owns it"
    }
    guard let name else {
      return "a weight has no name\(site.location.suffix): no stored property of the model leads to it"
    }
    if let problem = type.problem { return "weight '\(name)': \(problem)\(site.location.suffix)" }
    if let problem = initializer.problem(shape) {
      return "weight '\(name)' \(problem)\(site.location.suffix)"
    }
    return nil
  }
}
