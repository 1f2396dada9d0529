import Recurve
import Testing

/// What stays of a feed-forward layer for its gradient: what its products read and cannot be computed again, whether layers
/// follow one another or one is applied again and again.
@Suite struct KeptValueTests {
  private static let (rows, width, inner, depth) = (1024, 16, 64, 4)

  private struct Layers: Model {
    let up = Linear(width, inner, hasBias: true)
    let down = Linear(inner, width, hasBias: true)
    let norm = RMSNorm(width: width)
    var isLoop: Bool
    var isExact: Bool

    func layer(_ h: Tensor) -> Tensor { h + down(gelu(up(norm(h)), isExact: isExact)) }

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", ["B": rows, "D": width])
      let h = isLoop ? recur(depth, carrying: x) { h in layer(h) } : (0..<depth).reduce(x) { h, _ in layer(h) }
      return Step(loss: (h * h).mean())
    }
  }

  @Test(arguments: [false, true], [false, true]) func layersKeepNoCheapValues(_ isLoop: Bool, _ isExact: Bool) throws {
    let traced = try Layers(isLoop: isLoop, isExact: isExact).traced(name: "layers")
    let graph = try Compiler.plan(traced.graph.withGradients(), CompilerOptions(workerCount: 1)).graph
    let kept = graph.residuals().map { graph.type(of: $0).byteCount }.filter { $0 > Self.rows * Self.width * 4 }
      .sorted()
    // What `up` makes is kept, once for each layer; of the loop's smaller values one stack is as large as that.
    let layer = Self.rows * Self.inner * 4
    #expect(kept == (isLoop ? [layer, Self.depth * layer] : Array(repeating: layer, count: Self.depth)))
  }
}
