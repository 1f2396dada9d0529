import Diagrams
import Foundation
import GraphIR
import Testing

@Test(.enabled(if: ProcessInfo.processInfo.environment["SAMPLES"] != nil)) func writesSamples() throws {
  let folder = ProcessInfo.processInfo.environment["SAMPLES"] ?? "."
  func draw(_ name: String, _ graph: Graph, _ options: GraphDiagram.Options) throws {
    let diagram = GraphDiagram(graph, options: options, kind: SampleBuilder.kind) {
      Double($0.index % 10) / 9
    }
    try diagram.dot.write(toFile: "\(folder)/\(name).dot", atomically: true, encoding: .utf8)
    let start = ContinuousClock.now
    try GraphvizRenderer.render(dot: diagram.dot, to: "\(folder)/\(name).svg")
    let svgTime = ContinuousClock.now - start
    try GraphvizRenderer.render(dot: diagram.dot, to: "\(folder)/\(name).png")
    print(name, diagram.nodeCount, diagram.note ?? "-", graph.violations().count, svgTime)
  }
  try draw("small", SampleGraphs.small(), .init())
  try draw("recursion", SampleGraphs.recursion(), .init())
  try draw("recursion-plain", SampleGraphs.recursion(), .init(showsWeights: false))
  try draw("recursion-net", SampleGraphs.recursion(), .init(expandedScopes: ["net"]))
  try draw("recursion-expanded", SampleGraphs.recursion(), .init(expand: true))
  try draw("recursion-full", SampleGraphs.recursion(), .init(expand: true, nodeLimit: 200))
  try draw("recursion-bytes", SampleGraphs.recursion(), .init(coloring: .bytes, showsTypesOnEdges: true))
  try draw("recursion-liveness", SampleGraphs.recursion(), .init(coloring: .liveness))
  try draw("recursion-role", SampleGraphs.recursion(), .init(coloring: .role))
  try draw("shared", SampleGraphs.sharedWeights(), .init(expand: true))
  try draw(
    "shared-net", SampleGraphs.sharedWeights(), .init(expandedScopes: ["layer0/net/block0", "layer1/net"]))
  try SampleMemoryMap.training().write(to: "\(folder)/memory.svg")
  try SampleMemoryMap.training().write(to: "\(folder)/memory.png")
  print(SampleGraphs.sharedWeights().operations.count)
}
