import Foundation
import TestSupport
import Testing

@testable import Diagrams

@Suite struct NetworkDiagramTests {
  static let diagram = NetworkDiagram(
    title: "XOR \"small\"", inputs: ["a", "b"],
    layers: [
      .init(weights: [[1, -2], [0.5, 4]], biases: [0.25, -1]), .init(weights: [[-3, 2]], biases: [0]),
    ], outputs: ["y"])

  @Test func unitsTellTheirWeights() {
    let dot = Self.diagram.dot
    #expect(dot.contains(#"label="XOR \"small\"";"#))
    #expect(dot.contains(#"u1_0 [label="h1.1\na     +1.00\nb     -2.00\nbias  +0.25""#))
    #expect(dot.contains(#"u2_0 [label="y\nh1.1  -3.00\nh1.2  +2.00\nbias  +0.00""#))
    // The largest weight, 4, is the thickest line; red is negative.
    #expect(dot.contains(##"u0_1 -> u1_1 [penwidth=4.30 color="#2563eb"];"##))
    #expect(dot.contains(##"u0_1 -> u1_0 [penwidth=2.30 color="#dc2626"];"##))
    #expect(dot.components(separatedBy: " -> ").count == 1 + 6)
  }

  @Test func picturesAreDrawn() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/network.svg"
      try Self.diagram.write(to: path)
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(WellFormedness.problem(in: data) == nil)
      #expect(String(decoding: data, as: UTF8.self).contains("h1.2"))
    }
  }
}
