import TensorTypes

/// Named tensors and notes in the safetensors format.
///
/// The file is the header's length as eight bytes (little-endian), the header as JSON, then the elements of all tensors:
/// https://github.com/huggingface/safetensors#format.
public struct SafetensorsFile: Sendable, Equatable {
  public var tensors: [String: HostTensor]
  /// The header's `__metadata__`.
  public var metadata: [String: String]

  public init(tensors: [String: HostTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}
