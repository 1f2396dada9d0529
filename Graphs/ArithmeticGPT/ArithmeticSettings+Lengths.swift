/// The longest texts that settings allow, in characters.
extension ArithmeticSettings {
  /// Digits.
  var longestOperand: Int { max(digits.upperBound, (lastDigits ?? digits).upperBound) }

  /// Digits of an answer, of a quotient without its remainder.
  var longestAnswer: Int {
    largest.map { expression in
      switch expression.value {
      case .number(let number): "\(number)".count
      case .quotient: longestOperand
      }
    }.max() ?? 0
  }

  /// Digits of the longest number that is written, steps aside.
  var longestNumber: Int { max(longestOperand, longestAnswer) }

  var longestQuestion: Int {
    let width = isPadded ? longestOperand : 0
    let widths = [digits.upperBound, (lastDigits ?? digits).upperBound].map { max($0, width) }
    return (widths[0] + 1) * (operands.upperBound - 1) + widths[1] + 1
  }

  /// Of an answer with the steps before it.
  func longestResponse(_ notation: ArithmeticNotation) -> Int {
    // Differences are as long as sums at most, and each number may have a sign.
    let signs = operations.contains(.subtraction) ? (hasScratchpad ? operands.upperBound * operands.upperBound : 1) : 0
    let lengths = largest.map { expression in
      expression.operations == [.division]
        ? digits.upperBound + 1 + (lastDigits ?? digits).upperBound + (isPadded ? longestOperand : 0)
        : notation.response(expression).count
    }
    return (lengths.max() ?? 0) + signs
  }

  /// Nines with every number and order of operations, sums standing for differences.
  private var largest: [ArithmeticExpression] {
    let kinds = Set(operations.map { $0 == .subtraction ? .addition : $0 })
    let nines = [digits.upperBound, (lastDigits ?? digits).upperBound].map { count in
      Int128(String(repeating: "9", count: count)) ?? 9
    }
    var (orders, longest): ([[ArithmeticOperation]], [[ArithmeticOperation]]) = ([], [[]])
    for count in stride(from: 2, through: operands.upperBound, by: 1) {
      longest = longest.flatMap { order in kinds.map { order + [$0] } }
      // Steps of few operands may be longer than those of many.
      if operands.contains(count) { orders += longest }
    }
    orders = orders.filter { !$0.contains(.division) } + (kinds.contains(.division) ? [[.division]] : [])
    return orders.map { order in
      ArithmeticExpression(known: Array(repeating: nines[0], count: order.count) + [nines[1]], order)
    }
  }
}
