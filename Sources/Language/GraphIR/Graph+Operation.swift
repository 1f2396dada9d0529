import TensorTypes

extension Graph {
  /// One use of an operator.
  public struct Operation: Hashable, Sendable {
    /// The operator's name; its rules are looked up in the operator table.
    public var name: String
    public var operands: [Value]
    public var attributes: Attributes
    public var regions: [RegionID]
    public var results: [Value]
    public var annotation: Annotation
  }

  /// What people want to know of an operation; it takes no part in equality or meaning.
  public struct Annotation: Hashable, Sendable {
    public var role: Role
    /// Index into the graph's scopes.
    public var scope: Int
    /// Token of the line of user code that made the operation; nil when the compiler made it.
    public var location: Int?

    public init(role: Role = .forward, scope: Int = 0, location: Int? = nil) {
      self.role = role
      self.scope = scope
      self.location = location
    }
  }

  /// Which part of a training step an operation belongs to.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    case forward
    /// Forward work that no gradient crosses.
    case detached
    /// Forward work done again because its result was not kept.
    case recompute
    case backward
    case update
  }

  public subscript(value: Value) -> ValueRecord {
    get {
      visits?.add()
      return values[Int(value.index)]
    }
    set { values[Int(value.index)] = newValue }
  }

  public subscript(operation: OperationID) -> Operation {
    get {
      visits?.add()
      return operations[Int(operation.index)]
    }
    _modify { yield &operations[Int(operation.index)] }
  }

  public subscript(region: RegionID) -> Region {
    get {
      visits?.add()
      return regions[Int(region.index)]
    }
    _modify { yield &regions[Int(region.index)] }
  }

  public func type(of value: Value) -> TensorType { self[value].type }

  public var parameters: [Value] { self[Self.body].parameters }
  public var results: [Value] { self[Self.body].results }

  /// The operation that defines the value; nil for region parameters.
  public func definingOperation(of value: Value) -> OperationID? {
    if case .result(let operation, _) = self[value].definition { operation } else { nil }
  }

  /// The body's parameters of the given role, with their positions.
  public func parameters(_ role: ParameterRole) -> [Value] {
    zip(parameters, parameterRoles).filter { $0.1 == role }.map(\.0)
  }
}
