import Foundation
import Interchange
import TensorTypes
import TestSupport
import Testing

/// Exchanges files with the reference implementation, where Python has it.
@Suite(.enabled(if: PythonSafetensors.isAvailable)) struct PythonSafetensorsTests {
  @Test func readsWhatPythonWrote() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/python.safetensors"
      let program = """
        import numpy as n
        from safetensors.numpy import save_file
        save_file({"a.b": n.arange(6, dtype=n.float32).reshape(2, 3) / 4, "d": n.array(0.1),
          "i": n.array([-7], n.int32), "l": n.array([1 << 20]), "t": n.array([True, False])},
          "\(path)", {"note": "hello"})
        """
      #expect(try PythonSafetensors.run(program) == 0)
      let file = try SafetensorsFile(path: path)
      #expect(file.metadata == ["note": "hello"])
      #expect(file.tensors["a.b"] == HostTensor([2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25] as [Float]))
      #expect(file.tensors["d"] == HostTensor(.scalar, .float64([0.1])))
      #expect(file.tensors["i"] == HostTensor([1], [-7] as [Int32]))
      #expect(file.tensors["l"] == HostTensor([1], [1 << 20] as [Int32]))
      #expect(file.tensors["t"] == HostTensor([2], .bool([true, false])))
    }
  }

  @Test func pythonReadsWhatThisWrote() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/swift.safetensors"
      try SafetensorsTests.sample.write(to: path)
      let program = """
        from safetensors.numpy import load_file
        f = load_file("\(path)")
        assert f["weights"].shape == (2, 3) and f["weights"][0, 1] == -2.5
        assert f["powers"] == 0.1 and f["tokens"][2] == 2**31 - 1
        assert list(f["flags"]) == [True, False, True] and f["nothing"].shape == (0, 4)
        """
      #expect(try PythonSafetensors.run(program) == 0)
    }
  }
}

/// The Python interpreter, if it has the package.
enum PythonSafetensors {
  static let isAvailable: Bool = (try? run("import numpy, safetensors")) == 0

  /// Runs a program and returns its exit status.
  static func run(_ program: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
