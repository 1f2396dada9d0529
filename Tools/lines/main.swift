import Foundation
import Modeling
import StandardStreams

// Checks, in the build that it is part of, that problems of a model are told with their own lines. The optimizer makes one
// function of those that do the same: the models below come in such pairs.

struct FirstSum: Model {
  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", [2, 3])
    return Step(loss: x.sum(axis: 5))
  }
}

struct SecondSum: Model {
  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", [2, 3])
    return Step(loss: x.sum(axis: 5))
  }
}

struct FirstReshape: Model {
  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", [2, 3])
    return Step(loss: x.reshaped(to: [7]))
  }
}

struct SecondReshape: Model {
  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", [2, 3])
    return Step(loss: x.reshaped(to: [7]))
  }
}

struct Blocks: Model {
  let layer = Linear(4, 4)

  func step(_ inputs: Inputs) -> Step {
    let h = recur(3, carrying: inputs("x", [2, 4])) { h in
      layer(tanh(h)).slice(0..<9, axis: 1)
    }
    return Step(loss: h.mean())
  }
}

struct FirstAddition: Model {
  func step(_ inputs: Inputs) -> Step {
    let (x, y) = (inputs("x", [2, 3]), inputs("y", [5]))
    return Step(loss: x + y)
  }
}

struct SecondAddition: Model {
  func step(_ inputs: Inputs) -> Step {
    let (x, y) = (inputs("x", [2, 3]), inputs("y", [5]))
    return Step(loss: x + y)
  }
}

struct LayerOfNoHeads: Model {
  let attention = SelfAttention(width: 4, heads: 0)

  func step(_ inputs: Inputs) -> Step {
    Step(loss: attention(inputs("x", [1, 2, 4])).sum())
  }
}

/// A result that nobody gets is a failure.
func show(_ line: String) {
  do { try StandardStreams.print(line) } catch { exit(1) }
}

/// - Parameter lines: any of which the problem may be told with. An operator has no line of its own where two functions are
///   one: then the line of its operands says that it is at this line or below.
func check(_ model: any Model, _ lines: [Int]) -> Bool {
  do { _ = try model.traced(name: "lines") } catch {
    let text = "\(error)"
    let isTold = lines.contains { text.hasPrefix("lines/main.swift:\($0): ") }
    show("\(type(of: model)): \(isTold ? "told with its line" : "NOT told with line \(lines)"): \(text)")
    return isTold
  }
  show("\(type(of: model)): no problem was found")
  return false
}

let results = [
  check(FirstSum(), [11]), check(SecondSum(), [18]), check(FirstReshape(), [25]), check(SecondReshape(), [32]),
  check(Blocks(), [41]), check(FirstAddition(), [49, 50]), check(SecondAddition(), [56, 57]),
  check(LayerOfNoHeads(), [62]),
]
exit(results.contains(false) ? 1 : 0)
