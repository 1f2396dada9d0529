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
    let type = program.parameters[index].type
    guard tensor.fits(type) else {
      throw ExecutionError.wrongType(parameter: name, found: tensor.summary, needed: "\(type)")
    }
    parameterMemory[index].set(tensor)
  }

  /// The present value of a parameter: of a weight after its updates, for example.
  public func parameter(_ index: Int) -> HostTensor { parameterMemory[index].tensor }

  /// A result of the last run.
  public func result(_ index: Int) -> HostTensor {
    let binding = program.results[index]
    return HostTensor(
      binding.type,
      bytes: UnsafeRawBufferPointer(start: address(binding.place), count: binding.type.byteCount))
  }

  /// Where a place is in the first iteration of all loops.
  func address(_ place: Place) -> UnsafeMutableRawPointer {
    program.address(place, step: arena.base, parameters: parameterMemory)
  }

  /// Memory that the system can still give, in bytes.
  public static var availableByteCount: Int { ArenaMemory.availableByteCount }
}
