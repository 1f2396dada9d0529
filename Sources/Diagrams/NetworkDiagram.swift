import Foundation

/// A small network with its weights: units as circles, weights as lines, thick where large, red where negative.
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
      "digraph network {", "rankdir=LR; ranksep=1.6; nodesep=0.25; splines=line; labelloc=t; fontname=\"DejaVu Sans\";",
      "label=\(MarkupText.quoted(title));",
      "node [shape=circle fixedsize=true width=0.72 fontname=\"DejaVu Sans\" fontsize=10 color=\"#475569\"];",
      "edge [arrowhead=none fontname=\"DejaVu Sans\" fontsize=8];",
    ]
    for (index, name) in inputs.enumerated() {
      lines.append("u0_\(index) [label=\(MarkupText.quoted(name)) style=filled fillcolor=\"#e2e8f0\"];")
    }
    let largest = layers.flatMap { $0.weights.flatMap { $0 } }.map(abs).max() ?? 1
    for (depth, layer) in layers.enumerated() { lines += drawn(layer, depth: depth, largest: largest) }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Draws into a file, in the format that its extension names.
  public func write(to path: String) throws { try GraphvizRenderer.render(dot: dot, to: path) }

  private func drawn(_ layer: Layer, depth: Int, largest: Double) -> [String] {
    var lines: [String] = []
    let isLast = depth == layers.count - 1
    for (unit, row) in layer.weights.enumerated() {
      let name = isLast ? outputs[unit] + "\n" : ""
      let color = isLast ? "#dcfce7" : "#dbeafe"
      let bias = String(format: "%+.1f", layer.biases[unit])
      lines.append(
        "u\(depth + 1)_\(unit) [label=\(MarkupText.quoted(name + bias)) style=filled fillcolor=\"\(color)\"];")
      for (input, weight) in row.enumerated() {
        let width = 0.3 + 4 * abs(weight) / largest
        lines.append(
          "u\(depth)_\(input) -> u\(depth + 1)_\(unit) [penwidth=\(String(format: "%.2f", width)) "
            + "color=\"\(weight < 0 ? "#dc2626" : "#2563eb")\" tooltip=\"\(String(format: "%+.3f", weight))\" "
            + "label=\"\(row.count * layer.weights.count <= 24 ? String(format: "%+.1f", weight) : "")\"];")
      }
    }
    return lines
  }
}
