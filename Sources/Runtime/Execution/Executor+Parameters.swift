import CKernelSupport
import Foundation
import KernelIR
import TensorTypes

extension Executor {
  /// Sets a parameter.
  ///
  /// - Throws: `ExecutionError` when no parameter has that name or the tensor has another type.
  public func set(_ name: String, _ tensor: HostTensor) throws {
    guard let index = parameterIndices[name] else {
      throw ExecutionError.unknownParameter(name, known: program.parameters.map(\.name))
    }
    let binding = program.parameters[index]
    guard tensor.fits(binding.type) else {
      throw ExecutionError.wrongType(parameter: name, found: tensor.summary, needed: "\(binding.type)")
    }
    tensor.withUnsafeBytes { bytes in
      if let source = bytes.baseAddress { memcpy(address(binding.place), source, bytes.count) }
    }
  }

  /// The present value of a parameter: of a weight after its updates, for example.
  public func parameter(_ index: Int) -> HostTensor { tensor(program.parameters[index]) }

  /// A result of the last run.
  public func result(_ index: Int) -> HostTensor { tensor(program.results[index]) }

  private func tensor(_ binding: Program.Binding) -> HostTensor {
    HostTensor(
      binding.type,
      bytes: UnsafeRawBufferPointer(start: address(binding.place), count: binding.type.byteCount))
  }

  func address(_ place: Place) -> UnsafeMutableRawPointer {
    program.address(place, step: arena.base, persistent: persistent.base)
  }

  /// Memory that the system can still give, in bytes.
  public static var availableByteCount: Int { ArenaMemory.availableByteCount }
}
