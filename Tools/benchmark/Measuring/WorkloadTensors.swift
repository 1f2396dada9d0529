import Foundation
import Interchange
import Recurve

/// The weights and inputs of a workload by the names of its data file.
struct WorkloadTensors {
  let tensors: [String: HostTensor]

  static func read(folder: String, _ name: String) throws -> [String: HostTensor] {
    let path = "\(folder)/\(name).safetensors"
    guard FileManager.default.fileExists(atPath: path) else { throw BenchmarkError.missingData(path) }
    return try SafetensorsFile(path: path).tensors
  }

  subscript(name: String) -> HostTensor {
    get throws {
      guard let tensor = tensors[name] else { throw BenchmarkError.missingTensor(name) }
      return tensor
    }
  }
}

/// What can be wrong with a benchmark's arguments.
enum BenchmarkError: Error, CustomStringConvertible {
  case missingData(String)
  case missingTensor(String)
  case missingPeers(String)
  case missingTwin(String)
  case failedProcess(String, String)
  case unreadable(String, String)
  case unwritable(String, String)

  var description: String {
    switch self {
    case .missingData(let path):
      "found no file \(path); write it with the workload's gen.py, or leave out --data to generate the same numbers"
    case .missingTensor(let name): "the data file has no tensor '\(name)'"
    case .missingPeers(let path): "found no file \(path); Tools/peers-setup makes the peers' environment"
    case .missingTwin(let path):
      "found no file \(path); needs --python with the path of a Python that has torch, and the repository as current folder"
    case .unreadable(let path, let found): "cannot read \(path): found \(found)"
    case .unwritable(let path, let problem): "cannot write \(path): \(problem)"
    case .failedProcess(let command, let text): "\(command) failed: \(text)"
    }
  }
}
