import Differentiation
import GraphIR
import Modeling
import Operators
import StableHLO
import TensorTypes
import TestSupport
import Testing
import TinyRecursion
import Training
import Transforms

/// What the text for other engines has, whatever they make of it; `Tools/engines-check` runs it.
@Suite struct StableHLOProgramTests {
  private static let modes: [GradientMode] = [
    .full, .last(1), .checkpointed(every: 2), .revolve(slots: 2), .revolve(slots: 5),
  ]

  private static func step(_ mode: GradientMode, depth: Int) throws -> Graph {
    let task = try TinyRecursionTask(.init(preset: "nano", batch: 2, depth: depth, gradient: mode))
    let traced = try task.model.traced(name: "tiny-recursion")
    var log = PassLog()
    return Pipeline.standard.run(try TrainingStep(traced.graph, .adamATan2()).graph, log: &log)
  }

  /// As often as a word stands in a text.
  private static func count(_ word: String, in text: String) -> Int {
    text.split(separator: "\n").count { $0.contains(word) }
  }

  @Test(arguments: modes) func everyLoopStaysALoop(_ mode: GradientMode) throws {
    let graph = try Self.step(mode, depth: 4)
    var loops = 0
    graph.forEachOperation { identifier, _ in
      if case .loop = graph[identifier].used.semantics { loops += 1 }
    }
    #expect(loops > 0 && Self.count("\"stablehlo.while\"(", in: StableHLOProgram(graph).text) == loops)
  }

  @Test(arguments: [GradientMode.full, .last(1), .checkpointed(every: 2), .revolve(slots: 3)])
  func theTextDoesNotGrowWithTheDepth(_ mode: GradientMode) throws {
    let sizes = try [10, 1000].map { StableHLOProgram(try Self.step(mode, depth: $0)).text.utf8.count }
    #expect(abs(sizes[1] - sizes[0]) * 100 <= sizes[0], "\(sizes)")
  }

  /// Weights and states are given back in place, under the positions that both ends name.
  @Test func parametersThatAreReplacedHaveAliases() throws {
    let graph = try Self.step(.last(1), depth: 2)
    let program = StableHLOProgram(graph)
    #expect(program.parameters.count == graph.parameters.count && program.results.count == graph.results.count)
    let replaced = program.parameters.enumerated().filter { $0.element.alias != nil }
    #expect(replaced.count == graph.resultRoles.count { $0.updatedParameter != nil })
    for (position, parameter) in replaced {
      let result = program.results[parameter.alias ?? 0]
      #expect(result.alias == position && result.shape == parameter.shape)
      #expect(program.text.contains("%arg\(position): "))
    }
    #expect(Self.count("tf.aliasing_output", in: program.text) == 1)  // all in the line of the function
    #expect(program.parameters.contains { $0.name == "tokens" && $0.kind == "input" && $0.element_type == "i32" })
  }

  /// Layers are made of operators that every engine knows, their gradients too; those over time stay loops.
  @Test(arguments: LayerSample.all.indices) func layersAreWrittenWithTheirGradients(_ index: Int) throws {
    let sample = LayerSample.all[index]
    var log = PassLog()
    let graph = Pipeline.standard.run(try sample.traced(name: sample.name).graph.withGradients(), log: &log)
    let text = StableHLOProgram(graph).text
    let results = graph.results.map { "\(graph.type(of: $0).shape)".replacing(", ", with: "x") }
    #expect(results.count > 2 && results.dropFirst().allSatisfy { $0.isEmpty || text.contains("tensor<\($0)xf32>") })
    let isRecurrent = sample.name.hasSuffix("gru") || sample.name == "lstm"
    #expect(Self.count("\"stablehlo.while\"(", in: text) == (isRecurrent ? 2 : 0))
  }

  /// XLA removes barriers before it orders what runs; what is computed again must hang on numbers.
  @Test func recomputationHangsOnNumbersThatAreKnownAtRunTime() throws {
    let build = GraphBuilder(Graph(name: "anchored"))
    let type = TensorType(.float32, [2])
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let cotangent = build.graph.addParameter(type, name: "cotangent", role: .input)
    build.graph.addResult(build.emit1(.anchor, x, cotangent), name: "y")
    let lines = StableHLOProgram(build.graph).text.split(separator: "\n")
    #expect(lines.contains { $0.contains("\"stablehlo.slice\"(%arg1)") })
    #expect(lines.contains { $0.contains("\"stablehlo.select\"(") && $0.contains(", %arg0, ") })
    let step = StableHLOProgram(try Self.step(.revolve(slots: 2), depth: 4)).text
    #expect(Self.count("optimization_barrier", in: step) == 0 && Self.count("stablehlo.select", in: step) > 4)
  }

  @Test func operationsAreWrittenInTheGenericForm() throws {
    let build = GraphBuilder(Graph(name: "small"))
    let x = build.graph.addParameter(TensorType(.float32, [2, 3]), name: "x", role: .input)
    build.graph.addResult(build.sum(build.emit1(.sigmoid, x), [1]), name: "y")
    #expect(
      StableHLOProgram(build.graph).text == """
        module @step {
        func.func public @main(%arg0: tensor<2x3xf32>) -> (tensor<2xf32>) {
        %0 = "stablehlo.logistic"(%arg0) : (tensor<2x3xf32>) -> (tensor<2x3xf32>)
        %4 = "stablehlo.constant"() {value = dense<0x80000000> : tensor<f32>} : () -> (tensor<f32>)
        %5 = "stablehlo.reduce"(%0, %4) ({
        ^bb0(%1: tensor<f32>, %2: tensor<f32>):
        %3 = "stablehlo.add"(%1, %2) : (tensor<f32>, tensor<f32>) -> (tensor<f32>)
        "stablehlo.return"(%3) : (tensor<f32>) -> ()
        }) {dimensions = array<i64: 1>} : (tensor<2x3xf32>, tensor<f32>) -> (tensor<2xf32>)
        "func.return"(%5) : (tensor<2xf32>) -> ()
        }
        }

        """)
  }
}
