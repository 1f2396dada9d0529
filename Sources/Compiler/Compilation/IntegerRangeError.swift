import GraphIR
import Operators
import TensorTypes

/// A number that a program would use as a position where there is none.
public struct IntegerRangeError: Error, Hashable, CustomStringConvertible {
  /// What the parameter is for: input, state, constant.
  public var role: String
  public var parameter: String
  public var found: Int
  /// Of the number in the tensor.
  public var position: [Int]
  public var accepted: AcceptedIntegers
  /// The operator that uses the number, and the line of the model that does, if it is known.
  public var use: String
  public var line: String?

  public var description: String {
    let place = position.isEmpty ? "" : " at \(position)"
    let line = line.map { ", used at \($0)" } ?? ""
    return "\(role) '\(parameter)' holds \(found)\(place), \(use) needs \(accepted)\(line)"
  }
}

extension Shape {
  /// The position of a row-major offset.
  fileprivate func position(_ offset: Int) -> [Int] {
    zip(extents, strides).map { extent, stride in offset / stride % extent }
  }
}

extension IntegerRangeError {
  /// The first number of a tensor that a parameter may not hold, if there is one.
  init?(_ needs: [IntegerNeed], _ tensor: HostTensor, role: ParameterRole, name: String, line: (Int) -> String?) {
    guard case .int32(let numbers) = tensor.storage else { return nil }
    for need in needs {
      guard let offset = need.firstViolation(in: numbers) else { continue }
      self.init(
        role: role.rawValue, parameter: name, found: Int(numbers[offset]), position: tensor.shape.position(offset),
        accepted: need.accepted, use: need.use, line: need.location.flatMap(line))
      return
    }
    return nil
  }
}
