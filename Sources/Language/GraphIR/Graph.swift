import TensorTypes

/// A dataflow graph in static single assignment with nested regions, as plain data.
///
/// Everything lives in arrays and is named by small typed ids, so a graph of 100,000 operations is copied, compared and
/// destroyed without recursion. The graph knows no operator: meaning is a table above it. Region 0 is the body;
/// a region reads its own values and those of the regions around it.
public struct Graph: Sendable {
  public var name: String
  public var values: [ValueRecord] = []
  public var operations: [Operation] = []
  public var regions: [Region] = [Region()]
  public var scopes: [Scope] = [Scope(name: "", parent: nil)]
  /// What each parameter of the body is for.
  public var parameterRoles: [ParameterRole] = []
  /// Name of each result of the body, and the parameter that it replaces for the next run, if any.
  public var resultRoles: [ResultRole] = []
  /// Counts what is read of the graph; nil for all but tests of how work grows.
  public var visits: VisitCounter?

  public init(name: String) { self.name = name }

  public static let body: RegionID = RegionID(0)

  /// Names a value: a parameter of a region or a result of an operation.
  public struct Value: Hashable, Sendable, Comparable {
    public let index: Int32
    public init(_ index: Int) { self.index = Int32(index) }
    public static func < (left: Value, right: Value) -> Bool { left.index < right.index }
  }

  /// Names an operation.
  public struct OperationID: Hashable, Sendable, Comparable {
    public let index: Int32
    public init(_ index: Int) { self.index = Int32(index) }
    public static func < (left: OperationID, right: OperationID) -> Bool { left.index < right.index }
  }

  /// Names a region.
  public struct RegionID: Hashable, Sendable {
    public let index: Int32
    public init(_ index: Int) { self.index = Int32(index) }
  }

  /// Where a value comes from.
  public enum Definition: Hashable, Sendable {
    case parameter(RegionID, Int)
    case result(OperationID, Int)
  }

  /// What is known of a value.
  public struct ValueRecord: Hashable, Sendable {
    public var type: TensorType
    public var name: String?
    public var definition: Definition
    public var region: RegionID
  }

  /// A list of operations in topological order, with parameters and results.
  public struct Region: Hashable, Sendable {
    public var parameters: [Value] = []
    public var operations: [OperationID] = []
    public var results: [Value] = []
    /// The operation that owns the region; nil for the body.
    public var owner: OperationID?
    public init() {}
  }

  /// A named part of the model, shown as a cluster in diagrams.
  public struct Scope: Hashable, Sendable {
    public var name: String
    public var parent: Int?
    public init(name: String, parent: Int?) {
      self.name = name
      self.parent = parent
    }
  }
}

/// What a parameter of a graph is for.
public enum ParameterRole: String, Hashable, Sendable, CaseIterable {
  /// Data that changes with every run.
  case input
  /// Trained: gradients are taken with respect to it.
  case weight
  /// Fixed numbers of the model.
  case constant
  /// Kept from one run to the next: optimizer moments, recursion carries, counters.
  case state
  /// Fixed numbers that the graph's author derives from sizes, for example masks; never saved.
  case values
}

/// What a result of a graph is for.
public struct ResultRole: Hashable, Sendable {
  public var name: String
  /// Position of the parameter that takes this value for the next run.
  public var updatedParameter: Int?

  public init(name: String, updatedParameter: Int? = nil) {
    self.name = name
    self.updatedParameter = updatedParameter
  }
}
