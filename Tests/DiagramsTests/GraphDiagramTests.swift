import Diagrams
import Foundation
import GraphIR
import TensorTypes
import Testing

@Suite struct GraphDiagramTests {
  private func diagram(_ graph: Graph, _ options: GraphDiagram.Options = .init()) -> GraphDiagram {
    GraphDiagram(graph, options: options, kind: SampleBuilder.kind)
  }

  @Test func equalGraphsGiveEqualText() {
    let texts = (0..<3).map { _ in diagram(SampleGraphs.recursion(), .init(expand: true)).dot }
    #expect(texts[0] == texts[1] && texts[1] == texts[2])
  }

  @Test func tripCountChangesOnlyTheTitle() {
    let (few, many) = (diagram(SampleGraphs.small(steps: 3)), diagram(SampleGraphs.small(steps: 1000)))
    #expect(few.nodeCount == many.nodeCount)
    #expect(few.dot.replacing("× 3<", with: "× 1000<").replacing("× 3\"", with: "× 1000\"") == many.dot)
  }

  @Test func nestedLoopsAreClustersWithTheirTripCountsAndRoles() {
    let dot = diagram(SampleGraphs.recursion(deep: 5, inner: 7)).dot
    #expect(dot.contains("<B>repeat × 5 (detached)</B>"))
    #expect(dot.contains("<B>repeat × 7 (detached)</B>"))
    #expect(dot.contains("<B>repeat × 7</B>"))
    #expect(dot.contains("<B>repeat × 7 (reversed, backward)</B>"))
    #expect(dot.contains("residual stack"))
    #expect(dot.contains("8 accumulators"))
  }

  @Test func scopeEnteredTwiceInOneLoopIsDrawnTwice() {
    let dot = diagram(SampleGraphs.recursion()).dot
    // Twice in the detached recursion, twice in the last one, once in its reverse outside of the loop.
    #expect(dot.components(separatedBy: "label=<<B>net</B><BR/>").count - 1 == 5)
  }

  @Test func expandedScopesAreClusters() {
    #expect(!diagram(SampleGraphs.recursion()).dot.contains("<B>attention</B>"))
    let opened = diagram(SampleGraphs.recursion(), .init(expandedScopes: ["net/block0"]))
    #expect(opened.dot.contains("<B>attention</B>"))
    #expect(!opened.dot.contains("<B>transpose</B>"))
    let everything = diagram(SampleGraphs.recursion(), .init(expand: true, nodeLimit: nil))
    #expect(everything.dot.contains("<B>transpose</B>"))
    #expect(everything.note == nil)
  }

  @Test(arguments: [10, 20, 40, 80, 150, 300])
  func picturesStayWithinTheirLimit(limit: Int) {
    for graph in [SampleGraphs.recursion(), SampleGraphs.sharedWeights()] {
      let picture = diagram(graph, .init(expand: true, nodeLimit: limit))
      #expect(picture.nodeCount <= limit)
      #expect(picture.note?.hasPrefix("drawn as one node each, to stay within \(limit) nodes: ") == true)
      #expect(picture.note.map { picture.dot.contains(">\($0)<") } == true)
    }
  }

  @Test func noteSaysWhatWasCollapsed() {
    let picture = diagram(SampleGraphs.recursion(), .init(expand: true, nodeLimit: 150))
    #expect(picture.note == "drawn as one node each, to stay within 150 nodes: 33 scopes")
    let folded = diagram(SampleGraphs.sharedWeights())
    #expect(folded.note == "drawn as one node each, to stay within 150 nodes: runs of 2 neighbours")
  }

  /// Inputs, results and what is between them cannot be fewer, and the picture does not say that they are.
  @Test func noteSaysWhereTheLimitIsNotMet() {
    let picture = diagram(SampleGraphs.recursion(), .init(expand: true, nodeLimit: 1))
    let fewest = "\(picture.nodeCount) nodes are the fewest, the limit is 1"
    #expect(picture.nodeCount > 1 && picture.note?.hasPrefix(fewest + "; drawn as one node each: ") == true)
    #expect(picture.note.map { picture.dot.contains(">\($0)<") } == true)
    var builder = SampleBuilder("one operation")
    let x = builder.parameter("x", .input, ["D": 16])
    let y = builder.apply("tanh", [x])
    builder.graph.addResult(y, name: "y")
    let one = diagram(builder.graph, .init(nodeLimit: 1))
    #expect(one.nodeCount > 1 && one.note == "\(one.nodeCount) nodes are the fewest, the limit is 1")
  }

  @Test func sharedWeightsAreLeavesAtEachUse() {
    let picture = diagram(SampleGraphs.sharedWeights(), .init(nodeLimit: nil))
    #expect(picture.dot.components(separatedBy: "label=<4 weights<BR/>").count - 1 == 17)
    #expect(
      !diagram(SampleGraphs.sharedWeights(), .init(nodeLimit: nil, showsWeights: false)).dot.contains(
        "4 weights"))
  }

  @Test func colorsFollowTheOption() {
    let graph = SampleGraphs.recursion()
    let texts = GraphDiagram.Coloring.allCases.map { coloring in
      GraphDiagram(graph, options: .init(coloring: coloring), kind: SampleBuilder.kind) { _ in 0.5 }.dot
    }
    #expect(Set(texts).count == texts.count)
    #expect(texts[2].contains("alive 50 % of the time"))
  }

  @Test func otherRegionsPassTheirParametersThrough() {
    var builder = SampleBuilder("checkpointed")
    let x = builder.parameter("x", .input, ["D": 4])
    let inner = builder.graph.addRegion()
    let parameter = builder.graph.addParameter(TensorType(.float32, ["D": 4]), to: inner)
    builder.region = inner
    builder.graph[inner].results = [builder.apply("tanh", [parameter])]
    let owner = builder.graph.append(
      "checkpoint", [x], regions: [inner], resultTypes: [TensorType(.float32, ["D": 4])], to: Graph.body)
    builder.graph.addResult(builder.graph[owner].results[0], name: "y")
    let dot = diagram(builder.graph).dot
    #expect(dot.contains("<B>checkpoint</B>"))
    #expect(dot.contains("\"node0_input\" -> \"node0\""))
    #expect(dot.contains("\"node0\" -> \"result0\""))
  }

  @Test func namesAreEscaped() throws {
    var builder = SampleBuilder("a <b> & \"c\"")
    let x = builder.parameter("x<\"&\\", .input, ["D": 4])
    builder.graph.addResult(builder.inScope("s<1>") { $0.apply("a&b", [x]) }, name: "\"y\"")
    _ = try GraphvizRenderer.render(dot: diagram(builder.graph).dot, format: "svg")
  }

  @Test func longChainsAreDrawn() {
    var builder = SampleBuilder("chain")
    var value = builder.parameter("x", .input, ["D": 4])
    for _ in 0..<10_000 { value = builder.apply("tanh", [value]) }
    builder.graph.addResult(value, name: "y")
    #expect(diagram(builder.graph).nodeCount <= 150)
  }
}
