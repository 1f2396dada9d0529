import Compilation
import Foundation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing

@testable import CodeGeneration

/// The cache of compiled kernels helps where it can, and never stands in the way.
@Suite(.enabled(if: Toolchain.find() != nil)) struct KernelCacheTests {
  /// Doubles three numbers.
  private func double(_ cache: KernelCache, toolchain: Toolchain? = Toolchain.find()) throws -> [Float] {
    var graph = Graph(name: "double")
    let x = graph.addParameter(TensorType(.float32, [3]), name: "x", role: .input)
    let build = GraphBuilder(graph)
    build.graph.addResult(build.scale(x, by: 2), name: "y")
    let program = try Compiler.compile(
      build.graph, CompilerOptions(workerCount: 1, toolchain: toolchain, cache: cache))
    #expect(program.isNative)
    try program.set("x", HostTensor([3], [1, 2, 3] as [Float]))
    try program.run()
    return try program.result("y").floats
  }

  private func files(_ folder: String) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0))) })
  }

  /// What is done to the files of a cache before they are looked for again: in another folder, as nothing that this process
  /// has loaded is read again.
  @Test(arguments: ["empty", "truncated", "changed", "swapped", "unsealed", "source"])
  func brokenObjectsAreBuiltAgain(_ damage: String) throws {
    try withTemporaryFolder { folder in
      #expect(try double(KernelCache(folder: folder + "/whole")) == [2, 4, 6])
      let whole = try files(folder + "/whole")
      let objects = whole.keys.filter { $0.hasSuffix(".so") }.sorted()
      #expect(objects.count == 2)
      mkdir(folder + "/broken", 0o700)
      for (name, bytes) in whole {
        var bytes = bytes
        if name.hasSuffix(".c") {
          if damage == "source" { bytes = bytes.dropLast() }
        } else {
          switch damage {
          case "empty": bytes = Data()
          case "truncated": bytes = bytes.prefix(bytes.count / 2)
          case "changed": bytes[bytes.count / 2] ^= 1
          case "swapped": bytes = try #require(whole[objects[name == objects[0] ? 1 : 0]])
          case "unsealed": bytes = bytes.prefix(bytes.count - 20)
          default: break
          }
        }
        try bytes.write(to: URL(fileURLWithPath: folder + "/broken/" + name))
      }
      #expect(try double(KernelCache(folder: folder + "/broken")) == [2, 4, 6])
      #expect(try files(folder + "/broken").keys.sorted() == whole.keys.sorted())
      for object in objects {
        let source = try String(contentsOfFile: "\(folder)/whole/\(object.dropLast(3)).c", encoding: .utf8)
        #expect(CachedObject.isWhole("\(folder)/broken/\(object)", source: source))
      }
    }
  }

  @Test func aCompleteCacheNeedsNoWriting() throws {
    try withTemporaryFolder { folder in
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      let (before, date) = (try files(folder), try modificationDate(folder))
      chmod(folder, 0o500)
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      #expect(try files(folder) == before && modificationDate(folder) == date)
    }
  }

  /// In one process and one cache, what is bound to OpenBLAS does not serve the generated products.
  @Test(
    .enabled(if: (try? OpenBLAS.loaded()) != nil),
    arguments: [[ContractionProvider.generated, .openblas], [.openblas, .generated]])
  func providersHaveTheirOwnObjects(_ order: [ContractionProvider]) throws {
    try withTemporaryFolder { folder in
      let build = GraphBuilder(Graph(name: "product"))
      let a = build.graph.addParameter(TensorType(.float32, [48, 700]), name: "a", role: .input)
      let b = build.graph.addParameter(TensorType(.float32, [700, 40]), name: "b", role: .input)
      build.graph.addResult(build.dot(a, b, DotAxes(leftInner: [1], rightInner: [0])), name: "c")
      let inputs = [HostTensor([48, 700], Self.numbers(48 * 700)), HostTensor([700, 40], Self.numbers(700 * 40))]
      var options = CompilerOptions(workerCount: 1, toolchain: Toolchain.find(), cache: KernelCache(folder: folder))
      var programs: [CompiledProgram] = []
      for provider in order {
        options.provider = provider
        programs.append(try Compiler.compile(build.graph, options))
      }
      let expected = ReferenceEvaluator.evaluate(build.graph, inputs)[0]
      for (provider, program) in zip(order, programs) {
        for (name, tensor) in zip(["a", "b"], inputs) { try program.set(name, tensor) }
        try program.run()
        let found = try program.result("c")
        #expect(provider == .openblas || found.isIdentical(to: expected))
      }
      // One of the program for each, and one of the products.
      #expect(try files(folder).keys.filter { $0.hasSuffix(".so") }.count == 3)
    }
  }

  /// Of which sums in another order have other bits.
  private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 7919 % 1009) / 997 - 0.5 } }

  private func modificationDate(_ path: String) throws -> Date? {
    try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }

  @Test func foldersAreMadeForTheUserAlone() throws {
    try withTemporaryFolder { folder in
      #expect(try double(KernelCache(folder: folder + "/a/b")) == [2, 4, 6])
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/a/b")
      #expect(attributes[.posixPermissions] as? Int == 0o700)
    }
  }

  @Test func aFolderThatCannotBeMadeGivesWay() throws {
    let cache = KernelCache(folder: "/proc/recurve")
    #expect(cache.problem?.hasPrefix("cannot write the kernel cache /proc/recurve: ") == true)
    #expect(try double(cache) == [2, 4, 6])
  }

  @Test func foldersThatOthersMayWriteToAreRefused() throws {
    try withTemporaryFolder { folder in
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      // A planted object would end the process where it was loaded.
      for (name, _) in try files(folder) where name.hasSuffix(".so") {
        try Data("planted".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
      }
      let before = try files(folder)
      chmod(folder, 0o777)
      let refusal = "the kernel cache \(folder) is not used: others may write to it (mode 777), needs mode 700 or 755"
      #expect(KernelCache(folder: folder).refusal == refusal)
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      #expect(try files(folder) == before)
    }
  }

  @Test(.enabled(if: geteuid() == 0)) func foldersOfOthersAreRefused() throws {
    try withTemporaryFolder { folder in
      chown(folder, 65534, 65534)
      let results = try double(KernelCache(folder: folder))
      #expect(
        KernelCache(folder: folder).refusal
          == "the kernel cache \(folder) is not used: it belongs to user 65534, needs to belong to user 0")
      #expect(results == [2, 4, 6])
      #expect(try files(folder).isEmpty)
    }
  }

  @Test func objectsOfOthersAreBuiltAgain() throws {
    try withTemporaryFolder { folder in
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      for name in try files(folder).keys { chmod(folder + "/" + name, 0o666) }
      #expect(try double(KernelCache(folder: folder)) == [2, 4, 6])
      for name in try files(folder).keys where name.hasSuffix(".so") {
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions] as? Int
        #expect(try #require(mode) & 0o022 == 0)
      }
    }
  }

  @Test func emptyVariablesCountAsUnset() {
    func folder(_ environment: [String: String]) -> String? { KernelCache(environment: environment).folder }
    #expect(folder(["HOME": "/home/a", "XDG_CACHE_HOME": "", "RECURVE_CACHE": ""]) == "/home/a/.cache/recurve")
    #expect(folder(["HOME": "/home/a", "XDG_CACHE_HOME": "/x", "RECURVE_CACHE": ""]) == "/x/recurve")
    #expect(folder(["HOME": "/home/a", "XDG_CACHE_HOME": "/x", "RECURVE_CACHE": "/r"]) == "/r")
    #expect(folder([:]) == nil && folder(["HOME": ""]) == nil)
    #expect(
      KernelCache(environment: [:]).refusal == "no kernel cache: neither RECURVE_CACHE nor HOME names a folder")
  }

  @Test func aFailedCompilerLeavesNothingBehind() throws {
    try withTemporaryFolder { folder in
      // The first fails at once, the other one writes a file when it is done: that it is there shows that it was awaited.
      let compiler = folder + "/clang"
      let script = """
        #!/bin/sh
        if mkdir "\(folder)/first" 2>/dev/null; then echo "no such luck" >&2; exit 3; fi
        sleep 0.3; : > "\(folder)/second"; exit 3
        """
      try Data(script.utf8).write(to: URL(fileURLWithPath: compiler))
      chmod(compiler, 0o700)
      let toolchain = try #require(Toolchain.find(environment: ["RECURVE_CC": compiler]))
      let error = try #require(throws: CompilationError.self) {
        try double(KernelCache(folder: folder + "/cache"), toolchain: toolchain)
      }
      #expect("\(error)".hasPrefix("the C compiler failed on generated code (status 3); `recurve print"))
      #expect(FileManager.default.fileExists(atPath: folder + "/second"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/cache").isEmpty)
    }
  }

  @Test func aKilledCompilerIsToldByItsSignal() throws {
    try withTemporaryFolder { folder in
      let compiler = folder + "/clang"
      try Data("#!/bin/sh\nkill -KILL $$\n".utf8).write(to: URL(fileURLWithPath: compiler))
      chmod(compiler, 0o700)
      let toolchain = try #require(Toolchain.find(environment: ["RECURVE_CC": compiler]))
      let error = try #require(throws: CompilationError.self) {
        try double(KernelCache(folder: folder + "/cache"), toolchain: toolchain)
      }
      #expect("\(error)".hasPrefix("the C compiler failed on generated code (signal 9); `recurve print"))
    }
  }

  @Test func theCompilerIsTheFileThatItsNameLeadsTo() throws {
    try withTemporaryFolder { folder in
      for name in ["one", "two"] {
        try Data("#!/bin/sh\n# \(name)\n".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        chmod(folder + "/" + name, 0o700)
      }
      func fingerprint(_ target: String) throws -> String {
        unlink(folder + "/clang")
        symlink(folder + "/" + target, folder + "/clang")
        return try #require(Toolchain.find(environment: ["RECURVE_CC": folder + "/clang"])).fingerprint
      }
      #expect(try fingerprint("one") != fingerprint("two"))
    }
  }
}
