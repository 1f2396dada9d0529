/// Extents of a model that nobody tuned for.
struct UnseenSizes {
  var batch: Int
  /// Positions of a text, or pixels along a side.
  var length: Int
  var width: Int
  let vocabulary = 65
  let heads = 4
  let loops = 6
  /// Numbers of a selective scan for each channel.
  var stateSize = 8
}

/// The models that nobody tuned for.
enum UnseenModel: String, CaseIterable {
  case lstm, looped, conv, delta, mamba, mingru

  func sizes(isLarge: Bool) -> UnseenSizes {
    switch self {
    case .lstm:
      isLarge ? UnseenSizes(batch: 64, length: 64, width: 512) : UnseenSizes(batch: 32, length: 64, width: 128)
    case .looped:
      isLarge ? UnseenSizes(batch: 16, length: 128, width: 256) : UnseenSizes(batch: 16, length: 64, width: 96)
    case .conv: isLarge ? UnseenSizes(batch: 64, length: 32, width: 32) : UnseenSizes(batch: 64, length: 8, width: 16)
    case .delta, .mamba, .mingru:
      isLarge
        ? UnseenSizes(batch: 16, length: 64, width: 256, stateSize: 16) : UnseenSizes(batch: 16, length: 64, width: 64)
    }
  }
}
