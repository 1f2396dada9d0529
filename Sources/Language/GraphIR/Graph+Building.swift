import TensorTypes

extension Graph {
  /// Adds a parameter to a region.
  public mutating func addParameter(_ type: TensorType, name: String? = nil, to region: RegionID) -> Value {
    let definition = Definition.parameter(region, self[region].parameters.count)
    let value = addValue(ValueRecord(type: type, name: name, definition: definition, region: region))
    self[region].parameters.append(value)
    return value
  }

  /// Adds a parameter to the body.
  public mutating func addParameter(_ type: TensorType, name: String, role: ParameterRole) -> Value {
    parameterRoles.append(role)
    return addParameter(type, name: name, to: Self.body)
  }

  /// Adds a result to the body.
  public mutating func addResult(_ value: Value, name: String, updating parameter: Value? = nil) {
    let position = parameter.flatMap { parameters.firstIndex(of: $0) }
    self[Self.body].results.append(value)
    resultRoles.append(ResultRole(name: name, updatedParameter: position))
  }

  /// Adds an empty region, not yet owned by an operation.
  public mutating func addRegion() -> RegionID {
    regions.append(Region())
    return RegionID(regions.count - 1)
  }

  /// Adds an operation at the end of a region; the caller has checked its types.
  @discardableResult
  public mutating func append(
    _ name: String, _ operands: [Value], attributes: Attributes = [:], regions: [RegionID] = [],
    resultTypes: [TensorType], annotation: Annotation = Annotation(), to region: RegionID
  ) -> OperationID {
    let identifier = OperationID(operations.count)
    let results = resultTypes.enumerated().map { position, type in
      addValue(ValueRecord(type: type, name: nil, definition: .result(identifier, position), region: region))
    }
    for owned in regions { self[owned].owner = identifier }
    operations.append(
      Operation(
        name: name, operands: operands, attributes: attributes, regions: regions, results: results,
        annotation: annotation))
    self[region].operations.append(identifier)
    return identifier
  }

  /// Adds a named scope inside another one, or finds it.
  public mutating func addScope(_ name: String, parent: Int) -> Int {
    scopes.append(Scope(name: name, parent: parent))
    return scopes.count - 1
  }

  /// The names of the scope and those around it, outermost first: `net/block0/attention`.
  public func scopePath(_ scope: Int) -> String {
    var names: [String] = []
    var current: Int? = scope
    while let index = current, index != 0 {
      names.append(scopes[index].name)
      current = scopes[index].parent
    }
    return names.reversed().joined(separator: "/")
  }

  private mutating func addValue(_ record: ValueRecord) -> Value {
    values.append(record)
    return Value(values.count - 1)
  }
}
