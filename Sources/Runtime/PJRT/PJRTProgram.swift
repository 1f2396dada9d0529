import Compilation
import Execution
import TensorTypes

/// A program of a device, with parameters that stay there from run to run.
///
/// Only what the host has changed is copied to the device, and only what is asked for comes back. A run uses up the buffers
/// of parameters that it replaces; the handles of their next values take their places.
final class PJRTProgram: EngineProgram {
  private let client: PJRTClient
  private let executable: PJRTExecutable
  private var parameters: [TensorMemory]
  private let types: [TensorType]
  /// By the position of a result, the parameter whose next value it is.
  private let updatedParameters: [Int?]
  /// Of the last run; nil for next values of parameters.
  private var results: [PJRTBuffer?] = []

  init(
    _ plan: CompilationPlan, _ client: PJRTClient, _ executable: PJRTExecutable, shared: [Int: TensorMemory]
  ) throws {
    (self.client, self.executable) = (client, executable)
    let own = plan.schedule.parameters.enumerated().map { shared[$0] == nil ? $1.type : TensorType(.float32, [0]) }
    parameters = try TensorMemory.block(own)
    for (index, memory) in shared { parameters[index] = memory }
    types = plan.schedule.results.map(\.type)
    updatedParameters = plan.schedule.results.map(\.updatedParameter)
    guard executable.resultCount == types.count else {
      throw PJRTError.failed(
        "compiling the program", "it has \(executable.resultCount) results, needs \(types.count)", code: 0)
    }
  }

  var temporaryByteCount: Int? { executable.temporaryByteCount }

  func memory(ofParameter index: Int) -> TensorMemory { parameters[index] }

  func place(_ parameter: Int, in memory: TensorMemory) { parameters[parameter] = memory }

  func run() throws {
    results = []
    do {
      let arguments = try parameters.map { memory in
        try memory.copy(for: client) { try client.upload($0, memory.type) }
      }
      do { take(try executable.run(arguments)) } catch {
        lose(arguments, "\(error)")
        throw error
      }
    } catch let error as PJRTError { throw error.engineError }
  }

  func result(at index: Int) throws -> HostTensor {
    if let parameter = updatedParameters[index] { return try parameters[parameter].read() }
    guard results.indices.contains(index), let buffer = results[index] else {
      throw EngineError(engine: PJRTEngine.name, problem: "there is no result before a run")
    }
    return try HostTensor(types[index], filledBy: buffer.copy)
  }

  private func take(_ handles: UnsafeBufferPointer<UnsafeMutableRawPointer?>) {
    for (index, handle) in handles.enumerated() {
      let buffer = handle.map { PJRTBuffer(client, $0, types[index]) }
      if let parameter = updatedParameters[index], let buffer {
        parameters[parameter].move(to: buffer)
        results.append(nil)
      } else {
        results.append(buffer)
      }
    }
  }

  /// What a run that failed has used up is nowhere any more, but where the host has it.
  private func lose(_ arguments: [PJRTBuffer], _ cause: String) {
    for (memory, buffer) in zip(parameters, arguments) where buffer.isUsedUp {
      memory.lose(cause)
    }
  }
}

extension HostTensor {
  /// A tensor whose bytes are written by a function.
  fileprivate init(_ type: TensorType, filledBy write: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: type.byteCount, alignment: 64)
    defer { bytes.deallocate() }
    try write(bytes)
    self.init(type, bytes: UnsafeRawBufferPointer(bytes))
  }
}
