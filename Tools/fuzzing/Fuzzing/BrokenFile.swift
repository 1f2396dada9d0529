import Compilation
import Foundation
import GraphIR
import Interchange
import MemoryPlanning
import Operators
import Puzzles
import TestSupport
import TinyRecursion
import Training

/// The kinds of files that users hand over, and what reads them.
///
/// A broken file is read or refused with an error that says why; it never ends the process.
public enum BrokenFile: String, Sendable, CaseIterable {
  case puzzles, memory, safetensors, graph, checkpoint, log, record, events, result
  /// No file: names that a file may hold.
  case names

  /// Reads a file that some seed breaks.
  ///
  /// - Throws: what keeps the fuzzer from its work.
  public func problems(seed: UInt64, _ run: ResumedRun) throws -> [String] {
    if self == .names { return HostileNames(seed: seed).problems() }
    let folder = try WorkFolder()
    var mutation = Mutation(seed: seed)
    let bytes = mutation.mutated(try sample(seed, run))
    let path = folder.path("file")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    do { try read(path, run) } catch { return problems(error) }
    return []
  }

  /// A whole file.
  func sample(_ seed: UInt64, _ run: ResumedRun) throws -> [UInt8] {
    switch self {
    case .puzzles: return Array(SudokuCSV.text(try Self.somePuzzles()).utf8)
    case .memory: return Array(Self.memoryPlan.utf8)
    case .graph: return Array(RandomProgram(seed: seed % 50).graph.description.utf8)
    case .safetensors: return [UInt8](try Self.someTensors().encoded())
    case .checkpoint: return run.checkpoint
    case .log: return run.log
    case .record: return try Self.someRecord()
    case .events: return run.events
    case .result: return Array(SavedResult.sample.utf8)
    case .names: return []
    }
  }

  private func read(_ path: String, _ run: ResumedRun) throws {
    switch self {
    case .puzzles:
      _ = try SudokuBatches(puzzles: SudokuCSV.read(path: path), batchSize: 2, seed: 1, augment: true).batch(3)
    case .memory: try readMemory(try text(path))
    case .graph: try readGraph(try text(path))
    case .safetensors: _ = try SafetensorsFile(path: path).encoded()
    case .checkpoint: try run.resume(checkpoint: path)
    case .log: try run.resume(log: path)
    case .record:
      let record = try RunRecord(path: path)
      _ = record.differences(to: record)
      _ = try TinyRecursion.family.completed(record.options)
    case .events: try run.resume(besideEvents: path)
    case .result: try SavedResult.read(path)
    case .names: break
    }
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func readMemory(_ text: String) throws {
    let problem = try MemoryProblem(csv: text)
    let plan = try MemoryPlan(csv: text, for: problem)
    _ = plan.validate(against: problem)
    _ = try MemoryProblem(csv: problem.csv)
    _ = MemoryPlanner().plan(problem).validate(against: problem)
  }

  /// A graph that is sound prints as text that reads back, and has a plan.
  private func readGraph(_ text: String) throws {
    let graph = try Graph(parsing: text)
    guard graph.allViolations().isEmpty else { return }
    guard try Graph(parsing: graph.description) == graph else { throw FuzzError("reads back as another graph") }
    if graph.isSmall { _ = try Compiler.plan(graph, CompilerOptions(workerCount: 2)) }
  }

  /// An error is clear when it is one of ours and says something.
  private func problems(_ error: any Error) -> [String] {
    let (kind, text) = ("\(type(of: error))", "\(error)")
    let isForeign = ["NSError", "CocoaError", "DecodingError", "EncodingError", "FuzzError"].contains(kind)
    return isForeign || text.count < 8 ? ["an error that is not clear: \(kind): \(text)"] : []
  }

  private static func somePuzzles() throws -> [SudokuPuzzle] {
    var generator = try SudokuGenerator(size: try SudokuSize(side: 4), seed: 3)
    return (0..<4).map { _ in generator.next() }
  }

  private static func someTensors() throws -> SafetensorsFile {
    let data = RandomData(seed: 5)
    let graph = RandomProgram(seed: 3).graph
    let pairs = zip(graph.parameters.map { graph[$0].name ?? "" }, data.tensors(for: graph))
    return SafetensorsFile(tensors: Dictionary(uniqueKeysWithValues: pairs), metadata: ["step": "3", "note": "a b"])
  }

  private static func someRecord() throws -> [UInt8] {
    let folder = try WorkFolder()
    let path = folder.path("run.json")
    try RunRecord(TinyRecursion.family, ModelOptions(preset: "nano", seed: 7), Recipe()).write(to: path)
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private static let memoryPlan = """
    id,lower,upper,size,gaps,name,offset
    1,0,4,64,,a,0
    2,2,9,128,4-6 7-8,"b, c",64
    3,4,6,100,,d,192
    4,5,12,32,,e,320

    """
}

extension Graph {
  /// Whether planning takes no longer than looking.
  fileprivate var isSmall: Bool {
    let byteCount = values.reduce(0) { $0 &+ $1.type.byteCount }
    return byteCount < 1 << 20
      && operations.allSatisfy { operation in
        if case .integer(let count)? = operation.attributes["count"] { count < 1000 } else { true }
      }
  }
}
