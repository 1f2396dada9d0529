import Synchronization

/// Every operator, by name: the library's and those that packages register.
public enum OperatorTable {
  /// The library's own.
  public static let all: [Operator] =
    [
      .constant, .iota, .randomKey, .randomNumbers,
      .negate, .absolute, .sign, .exponential, .logarithm, .logarithm1p, .squareRoot, .reciprocalSquareRoot,
      .hyperbolicTangent, .sigmoid, .sine, .cosine, .errorFunction, .floor, .convert, .copy, .not,
      .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .arctangent2,
      .less, .lessOrEqual, .equal, .and, .or, .select,
      .sum, .reduceMaximum, .argumentOfMaximum,
      .dot,
      .reshape, .transpose, .broadcast, .slice, .windows, .pad, .concatenate, .reverse,
      .gather, .scatterAdd, .scatterUpdate, .takeAlongAxis, .dynamicSlice, .dynamicUpdateSlice, .argumentSort,
      .cumulativeSum, .cumulativeProduct, .linearRecurrence,
      .stopGradient, .anchor, .repeat, .checkpoint, .customGradient,
      .softmax, .rootMeanSquareNormalize, .layerNormalize, .silu, .gelu, .swiglu,
      .crossEntropy, .stablemaxCrossEntropy, .binaryCrossEntropy,
    ]

  private static let byName: [String: Operator] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  private static let registered = Mutex<[String: Operator]>([:])

  /// Adds an operator of a package's own, once for the process; the same operator again changes nothing.
  ///
  /// - Throws: `OperatorTableError` for a name that another operator has or that is no word, for loops and checkpoints, of
  ///   which there is one each, and for rules that do not fit what the operator is.
  public static func register(_ used: Operator) throws {
    guard used.name.isOperatorName else { throw OperatorTableError(name: used.name, problem: .isNoWord) }
    switch used.semantics {
    case .primitive:
      if case .decomposed = used.gradient { throw OperatorTableError(name: used.name, problem: .hasNoParts) }
    case .composite:
      if case .moved = used.integers { throw OperatorTableError(name: used.name, problem: .isNotEvaluated) }
    case .loop, .checkpoint: throw OperatorTableError(name: used.name, problem: .isStructural)
    }
    if case .structural = used.gradient { throw OperatorTableError(name: used.name, problem: .isStructural) }
    let owner = registered.withLock { operators in
      if let owner = byName[used.name] ?? operators[used.name] { return owner }
      operators[used.name] = used
      return used
    }
    guard owner.identity === used.identity else { throw OperatorTableError(name: used.name, problem: .isTaken) }
  }

  /// - Throws: `OperatorTableError` unless the operator is the one that the table has under its name.
  public static func check(_ used: Operator) throws {
    guard let owner = find(used.name) else { throw OperatorTableError(name: used.name, problem: .isUnknown) }
    guard owner.identity === used.identity else { throw OperatorTableError(name: used.name, problem: .isTaken) }
  }

  /// The operator of that name; a graph that names another one is broken.
  public static func `operator`(_ name: String) -> Operator {
    guard let found = find(name) else { preconditionFailure("no operator is called '\(name)'") }
    return found
  }

  public static func find(_ name: String) -> Operator? { byName[name] ?? registered.withLock { $0[name] } }
}

extension String {
  /// A letter, then letters, digits and underscores of ASCII: what the text of graphs can hold.
  fileprivate var isOperatorName: Bool {
    utf8.allSatisfy { $0 < 128 } && first?.isLetter == true && allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}

/// Why an operator is not in the table.
public struct OperatorTableError: Error, Hashable, CustomStringConvertible {
  public var name: String
  public var problem: Problem

  public enum Problem: Hashable, Sendable {
    case isTaken, isNoWord, isStructural, isUnknown, hasNoParts, isNotEvaluated
  }

  public init(name: String, problem: Problem) {
    self.name = name
    self.problem = problem
  }

  public var description: String {
    switch problem {
    case .isTaken: "another operator is called '\(name)'"
    case .isNoWord: "'\(name)' is no name of an operator: a letter, then letters, digits and underscores"
    case .hasNoParts:
      "operator '\(name)' is a primitive: its gradient is a rule or none, for only composites have parts to go through"
    case .isNotEvaluated:
      "operator '\(name)' is a composite: its rule for integers cannot be 'moved', which primitives are asked for"
    case .isStructural: "operator '\(name)' is a loop or a checkpoint, which packages cannot add"
    case .isUnknown: "operator '\(name)' is not registered: OperatorTable.register adds it, once for the process"
    }
  }
}
