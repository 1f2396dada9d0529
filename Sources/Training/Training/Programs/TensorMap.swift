import TensorTypes

/// What the tensors of a file of another program are called here, a rule for each:
///
///     **.lm_head.weight = readout.weight                 whatever comes before it
///     layers.*.o_proj.weight = blocks.*.output.weight    a `*` there for each one here, in order
///     q_head.weight[0:1] = halting.weight                rows 0 to 1, without 1: a part of a fused matrix
///     fc.kernel^T = readout.weight                       rows and columns swapped
///     q.weight + k.weight + v.weight = qkv.weight        one below the other
public struct TensorMap: Sendable, Hashable {
  private var rules: [Rule] = []

  /// - Parameter texts: rules; empty lines and those that begin with `#` say nothing.
  /// - Throws: `TensorMapError` with the line of the first rule that is none.
  public init(_ texts: [String]) throws {
    for (index, text) in texts.enumerated() {
      let text = text.drop { $0.isWhitespace }
      if text.isEmpty || text.hasPrefix("#") { continue }
      guard let rule = Rule(String(text)) else { throw TensorMapError(line: index + 1, rule: String(text)) }
      rules.append(rule)
    }
  }

  /// A tensor under its new name.
  struct Renamed {
    var weight: String
    /// The parts of the file that it is made of, as a rule writes them: `q_head.weight[0:1]`.
    var source: String
    /// Names of these parts.
    var names: [String]
    /// Nil where the parts cannot be joined so; `problem` says why.
    var tensor: HostTensor?
    var problem: String?
  }

  /// The tensors of a file that rules name, in the order of the rules.
  func renamed(_ file: [String: HostTensor]) -> [Renamed] { rules.flatMap { $0.renamed(file) } }
}

/// A rule that nobody can read.
public struct TensorMapError: UsageError, Hashable, CustomStringConvertible {
  /// From 1.
  public var line: Int
  public var rule: String

  public var description: String {
    "rule \(line) of the map is '\(rule)', needs 'name in the file = name of the weight', where the name in the file may end "
      + "with [first:end] or ^T, several may be joined by +, and both sides have as many *"
  }
}

private struct Rule: Sendable, Hashable {
  let parts: [Part]
  let target: [Substring]

  init?(_ text: String) {
    let sides = text.split(separator: "=", omittingEmptySubsequences: false).map { $0.filter { !$0.isWhitespace } }
    guard sides.count == 2, !sides[1].isEmpty else { return nil }
    let parts = sides[0].split(separator: "+", omittingEmptySubsequences: false).map { Part(String($0)) }
    self.parts = parts.compactMap { $0 }
    target = sides[1].split(separator: ".", omittingEmptySubsequences: false)
    let stars = target.count { $0 == "*" }
    guard self.parts.count == parts.count, self.parts.allSatisfy({ $0.stars == stars }), !target.contains("**") else {
      return nil
    }
  }

  func renamed(_ file: [String: HostTensor]) -> [TensorMap.Renamed] {
    let names = file.keys.sorted()
    return names.compactMap { name -> TensorMap.Renamed? in
      guard let captured = parts[0].captured(name) else { return nil }
      // The others have the same parts of the path where they have a star, and stand at the same place.
      let all = [name] + parts.dropFirst().map { part in names.first { part.captured($0) == captured } ?? "" }
      var stars = captured.stars[...]
      let weight = target.map { $0 == "*" ? stars.popFirst() ?? "" : $0 }.joined(separator: ".")
      let source = zip(parts, all).map { $0.shown($1) }.joined(separator: " + ")
      var found = TensorMap.Renamed(weight: weight, source: source, names: all.filter { !$0.isEmpty })
      do throws(Problem) { found.tensor = try joined(all, file) } catch { found.problem = error.text }
      return found
    }
  }

  private func joined(_ names: [String], _ file: [String: HostTensor]) throws(Problem) -> HostTensor {
    var tensors: [HostTensor] = []
    for (part, name) in zip(parts, names) {
      guard let tensor = file[name] else { throw Problem(text: "'\(part.text)' is missing") }
      tensors.append(try part.applied(to: tensor, name))
    }
    if tensors.count == 1 { return tensors[0] }
    let rests = tensors.map { $0.shape.extents.dropFirst() }
    guard rests.allSatisfy({ $0 == rests[0] }), let rows = Self.rows(of: tensors) else {
      let shapes = tensors.map { "[\($0.shape)]" }.joined(separator: " and ")
      throw Problem(text: "\(shapes) cannot stand one below the other")
    }
    return HostTensor(Shape([rows] + rests[0]), tensors.flatMap(\.floats))
  }

  /// Rows of all together; nil where one has none, and where they are more than an integer counts, which files can hold of
  /// rows without elements.
  private static func rows(of tensors: [HostTensor]) -> Int? {
    tensors.reduce(0) { rows, tensor -> Int? in
      guard let rows, let own = tensor.shape.extents.first else { return nil }
      let (sum, isTooLarge) = rows.addingReportingOverflow(own)
      return isTooLarge ? nil : sum
    }
  }
}

private struct Problem: Error { var text: String }

/// A tensor of the file, or some of its rows.
private struct Part: Sendable, Hashable {
  let text: String
  private let path: [Substring]
  private let rows: Range<Int>?
  private let isTransposed: Bool

  init?(_ whole: String) {
    text = whole
    var name = whole[...]
    isTransposed = name.hasSuffix("^T")
    if isTransposed { name = name.dropLast(2) }
    if name.hasSuffix("]"), let open = name.lastIndex(of: "[") {
      let ends = name[name.index(after: open)...].dropLast().split(separator: ":", omittingEmptySubsequences: false)
      guard ends.count == 2, let first = Int(ends[0]), let end = Int(ends[1]), 0 <= first, first < end else {
        return nil
      }
      rows = first..<end
      name = name[..<open]
    } else {
      rows = nil
    }
    path = name.split(separator: ".", omittingEmptySubsequences: false)
    // `**` leads, or is not there.
    if path.contains("") || path.dropFirst().contains("**") || name.contains(where: "[]^".contains) { return nil }
  }

  var stars: Int { path.count { $0 == "*" } }

  /// What a rule leaves open in a name.
  struct Captured: Equatable {
    /// What `**` stands for.
    var place: [Substring] = []
    var stars: [Substring] = []
  }

  /// What is left open in a name; nil where the name is another.
  func captured(_ name: String) -> Captured? {
    var found = Captured()
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
    var own = path[...]
    if own.first == "**" {
      own = own.dropFirst()
      found.place = Array(parts.dropLast(own.count))
      parts = parts.suffix(own.count)
    }
    guard parts.count == own.count, zip(own, parts).allSatisfy({ $0 == "*" || $0 == $1 }) else { return nil }
    found.stars = zip(own, parts).compactMap { $0 == "*" ? $1 : nil }
    return found
  }

  func shown(_ name: String) -> String {
    name + (rows.map { "[\($0.lowerBound):\($0.upperBound)]" } ?? "") + (isTransposed ? "^T" : "")
  }

  func applied(to tensor: HostTensor, _ name: String) throws(Problem) -> HostTensor {
    var result = tensor.elementType == .float32 ? tensor : HostTensor(tensor.shape, tensor.floats)
    if let rows {
      guard result.shape.rank > 0, rows.upperBound <= result.shape[0] else {
        throw Problem(text: "'\(shown(name))' has no such rows, it is [\(result.shape)]")
      }
      let size = result.shape.extents.dropFirst().reduce(1, *)
      let own = Array(result.floats[rows.lowerBound * size..<rows.upperBound * size])
      result = HostTensor(Shape([rows.count] + result.shape.extents.dropFirst()), own)
    }
    if !isTransposed { return result }
    guard result.shape.rank == 2 else {
      throw Problem(text: "'\(shown(name))' needs a matrix to swap rows and columns, it is [\(result.shape)]")
    }
    let (numbers, height, width) = (result.floats, result.shape[0], result.shape[1])
    // The other extent may be any number then.
    if numbers.isEmpty { return HostTensor([width, height], numbers) }
    let turned = (0..<width).flatMap { column in (0..<height).map { numbers[$0 * width + column] } }
    return HostTensor([width, height], turned)
  }
}
