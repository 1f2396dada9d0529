import Files
import FoundationEssentials

/// A grid of colours 0 to 9, 1 to 30 cells high and wide, as tasks of the Abstraction and Reasoning Corpus have them.
public struct ARCGrid: Sendable, Hashable {
  public let rows: Int
  public let columns: Int
  /// Row by row.
  public let cells: [UInt8]

  /// Most cells a side.
  public static let largestSide = 30

  /// - Throws: when the rows differ in length, are none or too many, or hold what is no colour.
  public init(_ lines: [[Int]]) throws(ARCGridError) {
    guard (1...Self.largestSide).contains(lines.count) else { throw .rowCount(lines.count) }
    let columns = lines[0].count
    guard (1...Self.largestSide).contains(columns) else { throw .columnCount(columns) }
    for (row, line) in lines.enumerated() {
      guard line.count == columns else { throw .ragged(row: row + 1, found: line.count, needed: columns) }
      if let column = line.firstIndex(where: { !(0...9).contains($0) }) {
        throw .color(line[column], row: row + 1, column: column + 1)
      }
    }
    self.init(rows: lines.count, columns: columns, cells: lines.joined().map { UInt8($0) })
  }

  /// For cells that are right by construction.
  init(rows: Int, columns: Int, cells: [UInt8]) { (self.rows, self.columns, self.cells) = (rows, columns, cells) }

  public subscript(row: Int, column: Int) -> UInt8 { cells[row * columns + column] }

  /// Lines of digits.
  public var lines: [String] {
    (0..<rows).map { row in cells[row * columns..<(row + 1) * columns].map(String.init).joined() }
  }
}

/// What is wrong with a grid. Rows and columns count from one.
public enum ARCGridError: Error, Hashable, Sendable, CustomStringConvertible {
  case rowCount(Int)
  case columnCount(Int)
  case ragged(row: Int, found: Int, needed: Int)
  case color(Int, row: Int, column: Int)

  public var description: String {
    switch self {
    case .rowCount(let count): "a grid needs 1 to 30 rows, got \(count)"
    case .columnCount(let count): "a grid needs 1 to 30 columns, got \(count)"
    case .ragged(let row, let found, let needed): "row \(row) has \(found) cells, the rows before it \(needed)"
    case .color(let color, let row, let column):
      "colours are 0 to 9, got \(color) in row \(row), column \(column)"
    }
  }
}

/// A task: pairs that show a rule, and others that ask for it.
public struct ARCTask: Sendable, Hashable {
  public struct Pair: Sendable, Hashable {
    public var input: ARCGrid
    public var output: ARCGrid

    public init(input: ARCGrid, output: ARCGrid) { (self.input, self.output) = (input, output) }
  }

  /// The name of the file without its ending.
  public var name: String
  public var demonstrations: [Pair]
  public var tests: [Pair]

  public init(name: String, demonstrations: [Pair], tests: [Pair]) {
    (self.name, self.demonstrations, self.tests) = (name, demonstrations, tests)
  }

  /// Most cells a side of any grid.
  public var side: Int {
    (demonstrations + tests).flatMap { [$0.input, $0.output] }.map { max($0.rows, $0.columns) }.max() ?? 0
  }

  private struct File: Decodable {
    var train: [FilePair]
    var test: [FilePair]
  }

  private struct FilePair: Decodable {
    var input: [[Int]]
    var output: [[Int]]
  }

  /// Reads a file of the form `{"train": [{"input": [[0, ...]], "output": ...}], "test": ...}`.
  ///
  /// - Throws: `ARCTaskError` with the file, and the pair that is wrong.
  public static func read(path: String) throws(ARCTaskError) -> ARCTask {
    let bytes: Data
    do { bytes = try InputFile.bytes(of: path) } catch {
      throw ARCTaskError(path: path, problem: "needed the file of a task, \(error)")
    }
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    let file: File
    do { file = try JSONDecoder().decode(File.self, from: bytes) } catch {
      throw ARCTaskError(path: path, problem: problem(error))
    }
    func pairs(_ all: [FilePair], _ list: String) throws(ARCTaskError) -> [Pair] {
      if all.isEmpty { throw ARCTaskError(path: path, problem: "'\(list)' needs at least 1 pair, got none") }
      var result: [Pair] = []
      for (index, pair) in all.enumerated() {
        func grid(_ lines: [[Int]], _ part: String) throws(ARCTaskError) -> ARCGrid {
          do { return try ARCGrid(lines) } catch {
            throw ARCTaskError(path: path, problem: "'\(list)', pair \(index + 1), \(part): \(error)")
          }
        }
        result.append(Pair(input: try grid(pair.input, "input"), output: try grid(pair.output, "output")))
      }
      return result
    }
    return ARCTask(name: name, demonstrations: try pairs(file.train, "train"), tests: try pairs(file.test, "test"))
  }

  private static func problem(_ error: any Error) -> String {
    func place(_ keys: [any CodingKey]) -> String {
      let path = keys.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
      return path.isEmpty ? "the whole" : String(path.drop { $0 == "." })
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context.codingPath)) is not what a task has there"
    case .dataCorrupted, nil: return "needed JSON, got what is none"
    @unknown default: return "needed the JSON of a task"
    }
  }
}

/// A file that holds no task.
public struct ARCTaskError: Error, Hashable, Sendable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): \(problem)" }
}
