import KernelIR
import TensorTypes

/// How the lanes of a sum or a maximum are held and combined in C.
///
/// Maxima are taken of ranks, whole numbers in the order of IEEE 754-2019 maximum: one instruction for each element, where
/// comparisons of floating-point numbers would need five for NaNs and the signs of zeros.
struct LaneText {
  private let combiner: Combiner
  private let elementType: ElementType

  init(_ combiner: Combiner, _ elementType: ElementType) {
    self.combiner = combiner
    self.elementType = elementType
  }

  /// The C type of a lane.
  var type: String {
    if combiner == .sum { return elementType.cType }
    return elementType == .float64 ? "uint64_t" : "uint32_t"
  }

  /// What a lane starts from: -0, which changes no sum, or the rank of -infinity.
  var identity: String { combiner == .sum ? elementType.literal(-0.0) : "0" }

  /// What an element gives to its lane.
  func element(_ text: String) -> String {
    combiner == .sum ? text : "recurve_rank_\(elementType.rawValue)(\(text))"
  }

  func combined(_ a: String, _ b: String) -> String {
    combiner == .sum ? "\(a) + \(b)" : "\(a) > \(b) ? \(a) : \(b)"
  }

  /// The number that a lane stands for.
  func result(_ lane: String) -> String {
    combiner == .sum ? lane : "recurve_of_rank_\(elementType.rawValue)(\(lane))"
  }
}
