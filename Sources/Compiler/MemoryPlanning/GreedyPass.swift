/// One member of the greedy portfolio.
enum GreedyPass {
  case online(GapChoice, isReversed: Bool)
  case offline(GreedyOrder, GapChoice)

  /// Passes that take nearly linear time.
  static let linear: [GreedyPass] = [
    .online(.best, isReversed: false), .online(.first, isReversed: false),
    .online(.best, isReversed: true), .online(.first, isReversed: true),
  ]

  /// Passes that compare every item with those placed before it, the most promising first.
  static let quadratic: [GreedyPass] = [
    .offline(.size, .first), .offline(.area, .first), .offline(.duration, .best),
    .offline(.size, .best), .offline(.area, .best), .offline(.duration, .first),
    .offline(.breadth, .first), .offline(.birth, .best),
    .offline(.breadth, .best), .offline(.birth, .first),
  ]

  var name: String {
    switch self {
    case .online(let choice, let isReversed):
      "online \(choice.rawValue) fit\(isReversed ? " reversed" : "")"
    case .offline(let order, let choice): "greedy by \(order.rawValue), \(choice.rawValue) gap"
    }
  }

  func offsets(_ packing: Packing) -> [Int] {
    switch self {
    case .online(let choice, let isReversed):
      OnlinePlacement.offsets(packing, choice: choice, isReversed: isReversed)
    case .offline(let order, let choice):
      GreedyPlacement.offsets(packing, order: order.sorted(packing), choice: choice)
    }
  }
}

/// Offsets of a packing's items and how they were found.
struct PackingSolution {
  var offsets: [Int]
  var height: Int
  var method: String
}

extension Packing {
  /// The lowest result of the portfolio, ending early at a height of `goal`.
  ///
  /// Runs at most `quadraticPassLimit` of the quadratic passes.
  func greedySolution(goal: Int, quadraticPassLimit: Int) -> PackingSolution {
    var best = PackingSolution(offsets: [], height: Int.max, method: "")
    for pass in GreedyPass.linear + GreedyPass.quadratic.prefix(quadraticPassLimit) {
      let offsets = pass.offsets(self)
      let height = height(of: offsets)
      if height < best.height {
        best = PackingSolution(offsets: offsets, height: height, method: pass.name)
      }
      if height <= goal { break }
    }
    return best
  }
}
