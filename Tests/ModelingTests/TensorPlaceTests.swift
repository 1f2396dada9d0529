import Recurve
import Synchronization
import Testing

/// A tensor lives in its trace and in the body that made it.
@Suite struct TensorPlaceTests {
  private static let file = "ModelingTests/TensorPlaceTests.swift"

  final class Box: Sendable {
    private let content = Mutex<Tensor?>(nil)
    var tensor: Tensor {
      get { content.withLock { $0 } ?? Tensor.constant(0) }
      set { content.withLock { $0 = newValue } }
    }
  }

  @Test func valuesOfALoopStayInIt() {
    let box = Box()
    let line = #line + 3
    let text = DraftedModel.message { inputs in
      let last = recur(3, carrying: inputs("x", [2])) { x in
        box.tensor = tanh(x)
        return x + box.tensor
      }
      return last + box.tensor
    }
    #expect(
      text == "\(Self.file):\(line + 3): tensor.3: f32[2] belongs to the body of a loop or checkpoint, "
        + "return it from there; it cannot be used outside, made at \(Self.file):\(line)")
  }

  /// Every way in which a tensor comes back to a trace.
  @Test(arguments: 0..<9) func everyUseIsChecked(_ use: Int) {
    let line = #line + 5
    let text = DraftedModel.message { inputs in
      let box = Box()
      let x = inputs("x", [2])
      _ = checkpoint {
        box.tensor = sin(x)
        return box.tensor
      }
      let escaped = box.tensor
      switch use {
      case 0: return escaped.named("label")
      case 1: return escaped.reshaped(to: [1, 2])
      case 2: return recur(2, carrying: escaped) { $0 }
      case 3: return recur(2, carrying: x) { _ in escaped }
      case 4: return checkpoint { escaped }
      case 5: return scan(escaped, carrying: x.sum()) { state, part in state + part }
      case 6: return concatenate([x, escaped], axis: 0)
      case 7: return select(x .> 0, x, escaped)
      default: return escaped
      }
    }
    #expect(text.contains("tensor.3: f32[2] belongs to the body"))
    #expect(text.contains("made at \(Self.file):\(line)"))
  }

  struct Updating: Model {
    static let line = #line + 8
    let box: Box
    func step(_ inputs: Inputs) -> Step {
      let s = inputs.state("s", [2])
      _ = recur(2, carrying: s) { x in
        box.tensor = tanh(x)
        return x
      }
      return Step(loss: s.sum(), metrics: [("m", box.tensor)], updates: [("s", box.tensor)])
    }
  }

  @Test func resultsAndUpdatesAreChecked() {
    let text = DraftedModel.message(of: Updating(box: Box()))
    #expect(text.contains("tensor.3: f32[2] belongs to the body"))
    #expect(text.contains("\(Self.file):\(Updating.line): tensor.3"))
  }

  @Test func tensorsOfAnEarlierTraceAreRefused() {
    let box = Box()
    let line = #line + 2
    let first = DraftedModel.message { inputs in
      box.tensor = inputs("x", [2]) * 2
      return box.tensor
    }
    #expect(first == "")
    let text = DraftedModel.message { inputs in
      inputs("y", [2]) + box.tensor
    }
    #expect(
      text == "\(Self.file):\(line + 5): tensor.2: f32[2] belongs to another trace and cannot be used in this one, "
        + "made at \(Self.file):\(line)")
  }

  @Test func tensorsOfNoTraceAreRefused() {
    let line = #line + 1
    let outside = Tensor.constant(1, [2])
    let weight = Weight([2], .zeros)
    #expect(checkpoint { scope("s") { tanh(weight.tensor) } }.shape == [2])
    #expect(recur(2, carrying: outside) { $0 + 1 }.shape == [2])
    #expect(concatenate([], axis: 0).rank == 0)
    let text = DraftedModel.message { inputs in inputs("y", [2]) + outside }
    #expect(
      text.hasSuffix(
        "tensor.1: f32[2] was made outside of any trace and cannot be used in one, made at \(Self.file):\(line)"))
  }
}
