import Foundation
import Testing

/// Reads the sources as text: which module imports which, how long files are, what is left open.
@Suite struct LayeringTests {
  /// What each module of ours may import, lowest layer first.
  static let allowed: [(module: String, imports: Set<String>)] = [
    ("StandardStreams", []), ("TensorTypes", []), ("MemoryPlanning", []), ("Files", ["StandardStreams"]),
    ("Puzzles", ["Files", "TensorTypes"]), ("CKernelSupport", []), ("CPJRT", []), ("CGraphviz", []),
    ("GraphIR", ["TensorTypes"]), ("KernelIR", ["TensorTypes"]),
    ("Operators", ["TensorTypes", "GraphIR", "KernelIR", "CKernelSupport"]),
    ("ReferenceEvaluation", ["TensorTypes", "GraphIR", "Operators"]),
    ("Modeling", ["TensorTypes", "GraphIR", "Operators"]),
    ("Differentiation", ["TensorTypes", "GraphIR", "Operators"]),
    ("Transforms", ["TensorTypes", "GraphIR", "Operators"]),
    ("Scheduling", ["TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning"]),
    ("CodeGeneration", ["StandardStreams", "TensorTypes", "KernelIR", "CKernelSupport"]),
    ("StableHLO", ["TensorTypes", "GraphIR", "Operators"]),
    ("Execution", ["StandardStreams", "TensorTypes", "KernelIR", "CKernelSupport"]),
    (
      "Compilation",
      [
        "StandardStreams", "TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning", "ReferenceEvaluation",
        "Transforms",
        "Scheduling", "CodeGeneration", "Execution",
      ]
    ),
    ("PJRT", ["CPJRT", "StandardStreams", "TensorTypes", "StableHLO", "Execution", "Compilation"]),
    ("Diagrams", ["StandardStreams", "TensorTypes", "GraphIR", "CGraphviz", "Files", "Reports"]),
    ("Interchange", ["TensorTypes", "Files"]), ("EventFiles", ["StandardStreams"]),
    ("Reports", ["StandardStreams", "Files"]),
    (
      "Training",
      [
        "Files", "StandardStreams", "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Execution",
        "Compilation", "Interchange", "Reports",
      ]
    ),
    ("Text", ["Files", "TensorTypes", "Modeling", "Compilation", "Training"]),
    ("Experiments", ["StandardStreams", "Compilation", "Diagrams", "Reports", "Training"]),
    (
      "Comparison",
      [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Scheduling", "Compilation", "Reports",
        "Training",
      ]
    ),
    (
      "Profiling",
      [
        "StandardStreams", "TensorTypes", "GraphIR", "Operators", "Scheduling", "Compilation", "Comparison", "Reports",
      ]
    ),
    ("TestSupport", ["TensorTypes", "GraphIR", "Operators", "ReferenceEvaluation", "Modeling", "Differentiation"]),
  ]

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func swiftFiles(_ folder: String) -> [(path: String, text: String)] {
    let base = root.appendingPathComponent(folder).path
    let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
      (try? String(contentsOfFile: base + "/" + name, encoding: .utf8)).map { (folder + "/" + name, $0) }
    }
  }

  /// `Sources` has rooms, rooms have modules; what users import has a room of its own.
  static func rooms() throws -> [(room: String, modules: [String])] {
    func folders(_ path: String) throws -> [String] {
      let base = root.appendingPathComponent(path)
      return try FileManager.default.contentsOfDirectory(atPath: base.path).sorted().filter {
        (try? base.appendingPathComponent($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
      }
    }
    return try folders("Sources").map { ($0, try folders("Sources/" + $0)) }
  }

  private static func folder(of module: String) throws -> String {
    if let outside = ["Puzzles": "Graphs/Puzzles", "TestSupport": "Tests/TestSupport"][module] { return outside }
    let room = try #require(try rooms().first { $0.modules.contains(module) }, "\(module)")
    return "Sources/\(room.room)/\(module)"
  }

  static func imports(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let position = words.firstIndex(of: "import"), position <= 1, words.count > position + 1 else { return nil }
      return words[0] == "import" || words[0].hasPrefix("@") ? words[position + 1] : nil
    }
  }

  @Test func arrowsPointDown() throws {
    let ours = Set(Self.allowed.map(\.module)).union([
      "RecurveCommands", "Recurve", "TinyRecursion", "WordVectors", "SudokuByMoves",
    ])
    for (module, permitted) in Self.allowed {
      for file in Self.swiftFiles(try Self.folder(of: module)) {
        let forbidden = Self.imports(file.text).filter { ours.contains($0) && !permitted.contains($0) }
        #expect(forbidden.isEmpty, "\(file.path) may not import \(forbidden)")
      }
    }
  }

  @Test func everyModuleIsInTheTable() throws {
    let rooms = try Self.rooms()
    #expect(rooms.count <= 10)
    let known = Set(Self.allowed.map(\.module)).union(["RecurveCommands", "Recurve"])
    for (room, modules) in rooms where room != "Recurve" {
      #expect(!modules.isEmpty && modules.allSatisfy(known.contains), "\(room): \(modules)")
    }
  }

  @Test func modelsAreWrittenInTheDSLOnly() {
    for file in Self.swiftFiles("Graphs") where !file.path.hasPrefix("Graphs/Puzzles/") {
      // What a model adds to the command line knows that, and files.
      let own = file.path.contains("/Commands/") ? ["ArgumentParser", "Interchange", "RecurveCommands"] : []
      let forbidden = Self.imports(file.text).filter {
        !(["Recurve", "Puzzles", "TinyRecursion", "DecoderTransformer", "EncoderTransformer", "Foundation"] + own)
          .contains($0)
      }
      #expect(forbidden.isEmpty, "\(file.path) may not import \(forbidden)")
    }
  }

  @Test func filesAreShort() {
    for folder in ["Sources", "Graphs", "Tools", "Tests"] {
      for file in Self.swiftFiles(folder) {
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 400, "\(file.path) has \(lines) lines, at most 400")
      }
    }
  }

  @Test func nothingIsLeftOpen() {
    let marks = ["TO" + "DO", "FIX" + "ME", "try" + "!", "fatal" + "Error("]
    for folder in ["Sources", "Graphs", "Tools"] {
      for file in Self.swiftFiles(folder) {
        for mark in marks { #expect(!file.text.contains(mark), "\(file.path) contains \(mark)") }
      }
    }
  }

  /// C is written where code is generated; evaluations call the C library, which is no text.
  @Test func operatorsAndKernelsHoldNoC() throws {
    for module in ["Operators", "KernelIR"] {
      for file in Self.swiftFiles(try Self.folder(of: module)) {
        let parts = file.text.replacing("\\\"", with: "").split(separator: "\"", omittingEmptySubsequences: false)
        let quoted = parts.indices.filter { $0 % 2 == 1 }.map { parts[$0] }
        for text in quoted {
          #expect(!text.contains("recurve_") && !text.contains("{0}"), "\(file.path) has C in \(text)")
        }
      }
    }
  }

  @Test func everyOperatorIsInTheTable() throws {
    let files = Self.swiftFiles(try Self.folder(of: "Operators"))
    let table = try #require(files.first { $0.path.hasSuffix("OperatorTable.swift") }).text
    for file in files where file.path.split(separator: "/").count == 5 {
      for line in file.text.split(separator: "\n")
      where line.contains("public static let") && line.contains(": Operator =") {
        let name = line.split(separator: " ")[3].replacing(":", with: "").replacing("`", with: "")
        #expect(table.contains(".\(name),"), "\(file.path): \(name) is not in OperatorTable.all")
      }
    }
  }
}
