import GraphIR
import Operators
import TensorTypes

/// What tells the draws of a trace apart.
struct RandomDraws {
  /// A state `i32[2]`: the seed, and how many runs there were.
  var state: Graph.Value?
  /// Draws so far in each scope.
  var counts: [String: Int] = [:]
}

extension TracedModel {
  /// The state that graphs with random numbers have: `i32[2]`, a seed and how many runs there were.
  public static let randomState = "random"
}

extension Trace {
  /// Random numbers of the present place, uniform from 0 to below 1; of all for i32.
  ///
  /// The key of a draw: the seed and the number of the run, both in a state of the graph; the path of the scope and the
  /// draw's number in it; the iteration, counted over all loops around. So a draw in a loop is fresh in each iteration and the
  /// same whenever the iteration is computed again, and two programs of one model draw alike where they draw in the same order.
  func draw(_ type: TensorType) -> Tensor {
    guard !isOperatorBody else {
      note(TraceMessage(text: "an operator cannot draw random numbers: they would be the same in each use"))
      return Tensor(self, nil, type)
    }
    let path = builder.graph.scopePath(builder.annotation.scope)
    let ordinal = draws.counts[path, default: 0]
    draws.counts[path] = ordinal + 1
    let site = Int(truncatingIfNeeded: ByteHash.of("\(path)#\(ordinal)".utf8))
    let key = apply(.randomKey, [randomState, iteration], ["site": .integer(site)], guess: TensorType(.int32, [2]))
    let attributes: Attributes = [
      "shape": .integers(type.shape.extents), "element_type": .elementType(type.elementType),
    ]
    return apply(.randomNumbers, key, attributes, guess: type, axisNames: type.shape.names)[0]
  }

  private var randomState: Tensor {
    let type = TensorType(.int32, [2])
    if let state = draws.state { return Tensor(self, state, type) }
    let state = builder.graph.addParameter(type, name: TracedModel.randomState, role: .state)
    draws.state = state
    parameterSites[state] = mark()
    return Tensor(self, state, type)
  }

  /// Which iteration this is of all loops around together, `i32[]`; 0 outside of loops.
  private var iteration: Tensor {
    let type = TensorType(.int32, .scalar)
    guard let first = openLoops.first else { return constant(0, type) }
    return openLoops.dropFirst().reduce(Tensor(self, first.index, type)) { outer, loop in
      outer * Double(loop.count) + Tensor(self, loop.index, type)
    }
  }

  /// Counts the run, where there are draws: the last thing that a graph does.
  func countRun() {
    guard let state = draws.state else { return }
    let type = TensorType(.int32, [2])
    let step = apply(.iota, [], ["shape": .integers([2]), "axis": .integer(0)], guess: type)[0]
    let next = apply(.add, [Tensor(self, state, type), step], guess: type)[0]
    nextValues.append((state, next, currentSite))
  }
}
