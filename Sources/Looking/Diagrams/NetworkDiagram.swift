import Foundation
import Reports
import StandardStreams

/// A small network with its weights: each unit tells its weights and its bias; lines are thick where a weight is large and
/// red where it is negative.
public struct NetworkDiagram: Sendable {
  /// A layer's weights `[outputs][inputs]` and biases `[outputs]`.
  public struct Layer: Sendable {
    public var weights: [[Double]]
    public var biases: [Double]

    public init(weights: [[Double]], biases: [Double]) {
      self.weights = weights
      self.biases = biases
    }
  }

  public let title: String
  public let inputs: [String]
  public let layers: [Layer]
  public let outputs: [String]

  /// - Parameters:
  ///   - inputs: names of the first layer's inputs.
  ///   - outputs: names of the last layer's outputs.
  public init(title: String, inputs: [String], layers: [Layer], outputs: [String]) {
    self.title = title
    self.inputs = inputs
    self.layers = layers
    self.outputs = outputs
  }

  public var dot: String {
    var lines = [
      "digraph network {",
      "rankdir=LR; ranksep=2; nodesep=0.2; splines=line; ordering=out; labelloc=t; fontname=\"DejaVu Sans\";",
      "label=\(Quoting.dot(title));",
      "node [shape=box style=\"rounded,filled\" fontname=\"DejaVu Sans Mono\" fontsize=9 color=\"#475569\"];",
      "edge [arrowhead=none headport=w tailport=e];",
    ]
    for (index, name) in inputs.enumerated() {
      lines.append("u0_\(index) [label=\(Quoting.dot(name)) fillcolor=\"#e2e8f0\"];")
    }
    let largest = layers.flatMap { $0.weights.flatMap { $0 } }.map(abs).max() ?? 1
    var names = inputs
    for (depth, layer) in layers.enumerated() {
      let isLast = depth == layers.count - 1
      let own = isLast ? outputs : layer.weights.indices.map { "h\(depth + 1).\($0 + 1)" }
      lines += drawn(layer, depth: depth, from: names, to: own, largest: largest)
      names = own
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Draws into a file, in the format that its extension names.
  public func write(to path: String) throws { try GraphvizRenderer.render(dot: dot, to: path) }

  private func drawn(
    _ layer: Layer, depth: Int, from sources: [String], to names: [String], largest: Double
  ) -> [String] {
    let color = depth == layers.count - 1 ? "#dcfce7" : "#dbeafe"
    let width = (sources + ["bias"]).map(\.count).max() ?? 0
    return layer.weights.enumerated().flatMap { unit, row in
      let terms = zip(sources + ["bias"], row + [layer.biases[unit]]).map { name, value in
        name.padding(toLength: width, withPad: " ", startingAt: 0) + String(format: " %+6.2f", value)
      }
      let label = Quoting.dot(([names[unit]] + terms).joined(separator: "\n"))
      return ["u\(depth + 1)_\(unit) [label=\(label) fillcolor=\"\(color)\"];"]
        + row.enumerated().map { input, weight in
          let thickness = String(format: "%.2f", 0.3 + 4 * abs(weight) / largest)
          return "u\(depth)_\(input) -> u\(depth + 1)_\(unit) [penwidth=\(thickness) "
            + "color=\"\(weight < 0 ? "#dc2626" : "#2563eb")\"];"
        }
    }
  }
}
