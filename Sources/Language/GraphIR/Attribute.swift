import TensorTypes

/// A compile-time constant of an operation.
public enum Attribute: Hashable, Sendable {
  case integer(Int)
  case integers([Int])
  case number(Double)
  case flag(Bool)
  case text(String)
  case elementType(ElementType)

  public static func == (left: Attribute, right: Attribute) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a == b
    case (.integers(let a), .integers(let b)): a == b
    // By bits: a constant of -0 is not a constant of 0, and NaN equals itself.
    case (.number(let a), .number(let b)): a.bitPattern == b.bitPattern
    case (.flag(let a), .flag(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.elementType(let a), .elementType(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integer(let value): hasher.combine(value)
    case .integers(let values): hasher.combine(values)
    case .number(let value): hasher.combine(value.bitPattern)
    case .flag(let value): hasher.combine(value)
    case .text(let value): hasher.combine(value)
    case .elementType(let value): hasher.combine(value)
    }
  }
}

extension Attribute: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .integers(let values): "[" + values.map(String.init).joined(separator: ", ") + "]"
    case .number(let value): value.isFinite ? "\(value)" : value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"
    case .flag(let value): "\(value)"
    case .text(let value): GraphText.quoted(value)
    case .elementType(let value): value.rawValue
    }
  }
}

/// The attributes of an operation, sorted by name.
public struct Attributes: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  public private(set) var entries: [Entry]

  /// One named attribute.
  public struct Entry: Hashable, Sendable {
    public var name: String
    public var value: Attribute
  }

  public init(dictionaryLiteral elements: (String, Attribute)...) {
    entries = elements.map { Entry(name: $0.0, value: $0.1) }.sorted { $0.name < $1.name }
  }

  public var isEmpty: Bool { entries.isEmpty }

  public subscript(name: String) -> Attribute? {
    get { entries.first { $0.name == name }?.value }
    set {
      entries.removeAll { $0.name == name }
      guard let newValue else { return }
      let index = entries.firstIndex { $0.name > name } ?? entries.count
      entries.insert(Entry(name: name, value: newValue), at: index)
    }
  }
}

extension Attributes {
  /// The integer of that name; operators read attributes that their type rule has already checked.
  public func integer(_ name: String) -> Int {
    guard case .integer(let value)? = self[name] else { preconditionFailure("no integer \(name) in \(entries)") }
    return value
  }

  public func integers(_ name: String) -> [Int] {
    guard case .integers(let values)? = self[name] else { preconditionFailure("no integers \(name) in \(entries)") }
    return values
  }

  public func number(_ name: String) -> Double {
    guard case .number(let value)? = self[name] else { preconditionFailure("no number \(name) in \(entries)") }
    return value
  }

  public func elementType(_ name: String) -> ElementType {
    guard case .elementType(let value)? = self[name] else {
      preconditionFailure("no element type \(name) in \(entries)")
    }
    return value
  }

  public func text(_ name: String) -> String? {
    if case .text(let value)? = self[name] { value } else { nil }
  }

  public func flag(_ name: String) -> Bool {
    if case .flag(let value)? = self[name] { value } else { false }
  }
}
