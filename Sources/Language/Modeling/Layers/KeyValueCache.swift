import Operators
import TensorTypes

/// Keys and values of the positions that programs of one session have seen, so that each position is computed once.
///
///     let cache = KeyValueCache(io, capacity: 128)
///     let logits = model(io("token", [1, 1], .int32), cache: cache)     // each layer: attention(x, cache: cache.layer("0"))
///     cache.advance(by: 1)
///
/// The states are `NAME.position`, `i32[]`, and for each layer `NAME.LAYER.keys` and `NAME.LAYER.values`, `[B, capacity, G, d]`.
/// A program that goes beyond the capacity is refused when it runs: the state `position` is out of range then.
public struct KeyValueCache {
  /// Of the first position that is new, `i32[]`.
  public let position: Tensor
  /// Positions that there is room for.
  public let capacity: Int
  private let inputs: Inputs
  private let name: String

  public init(
    _ inputs: Inputs, capacity: Int, name: String = "cache", file: StaticString = #fileID, line: Int = #line
  ) {
    (self.inputs, self.capacity, self.name) = (inputs, max(capacity, 1), name)
    if capacity < 1 {
      let problem = "the cache '\(name)' needs room for at least 1 position, got \(capacity)"
      Trace.current?.note(TraceMessage(text: problem), at: CallSite(file, line).location)
    }
    position = inputs.state("\(name).position", [], .int32, file: file, line: line)
  }

  /// The part of one layer.
  public func layer(_ layer: String) -> Layer { Layer(cache: self, name: "\(name).\(layer)") }

  /// Moves on behind the positions that the program has added.
  public func advance(by count: Int) { position.next = position + Double(count) }

  public struct Layer {
    let cache: KeyValueCache
    let name: String

    /// Adds keys and values of new positions, `[B, L, G, d]` each, to those before: `[B, capacity, G, d]` each.
    func adding(_ key: Tensor, _ value: Tensor) -> (keys: Tensor, values: Tensor) {
      (keeping("keys", key), keeping("values", value))
    }

    /// Adds what is to be known of new positions, `[B, L, ...]`, to what is known of those before: `[B, capacity, ...]`. The state
    /// is `NAME.LAYER.KIND`; what stands behind the new positions is of no meaning. A part without positions is refused:
    /// `cache.1`.
    public func keeping(
      _ kind: String, _ part: Tensor, file: StaticString = #fileID, line: Int = #line
    ) -> Tensor {
      located(file, line) {
        guard part.rank >= 2 else {
          let problem = "'\(name).\(kind)' needs [B, L, ...] of new positions, got \(part.type)"
          return refused([part], TypeError("cache.1", problem), part.type)
        }
        var shape = part.shape
        shape.extents[1] = cache.capacity
        let state = cache.inputs.state("\(name).\(kind)", shape, part.type.elementType)
        state.next = state.updated(at: cache.position, with: part, axis: 1)
        return state.next
      }
    }
  }
}
