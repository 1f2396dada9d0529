import KernelIR
import TensorTypes

extension Operator {
  /// The same numbers as another element type.
  ///
  /// - To i32: without the fraction; the nearest i32 beyond its range, 0 for NaN.
  /// - To bool: whether the number differs from 0, as NaN does.
  /// - To f32 or f64: the nearest number, ties to even; true is 1.
  public static let convert: Operator = Operator(
    name: "convert", summary: "The same numbers as another element type.", kind: .elementwise,
    type: { signature in
      try signature.requireOperandCount(1, "convert")
      guard case .elementType(let elementType)? = signature.attributes["element_type"] else {
        throw TypeError("convert.1", "needs the element type 'element_type'")
      }
      return [signature.operands[0].with(elementType)]
    },
    gradient: .rule { context in
      let original = context.build.type(of: context.operand(0)).elementType
      return [original.isFloatingPoint ? context.build.convert(context.cotangent, to: original) : nil]
    },
    semantics: .primitive(
      evaluate: { [$0.operands[0].converted(to: $0.results[0].elementType)] },
      lower: { Elementwise.pointwise(.convert(to: $0.results[0].elementType), $0) }, export: export),
    integers: .moved,
    samples: [
      sample(.int32, .float32, .integers(9)), sample(.bool, .float32, .booleans),
      sample(.float32, .int32, .uniform(-5, 5)), sample(.float32, .bool, .uniform(-1, 1)),
      sample(.float32, .float64, .uniform(-5, 5)), sample(.float64, .float32, .uniform(-5, 5)),
      sample(.int32, .bool, .integers(3)), sample(.bool, .int32, .booleans),
    ])

  /// Conversions to i32 saturate, not-a-number is 0; what is not 0 is true.
  @Sendable private static func export(_ context: ExportContext) -> [StableHLOValue] {
    let (value, build, type) = (context.operand(0), context.build, context.results[0])
    if type.elementType == value.type.elementType { return [value] }
    if type.elementType == .bool { return [build.compare(value, "NE", build.constant(0, value.type))] }
    let converted = build.emit("convert", value, to: type)
    guard type.elementType == .int32, value.type.elementType.isFloatingPoint else { return [converted] }
    func number(_ number: Double) -> StableHLOValue { build.constant(number, value.type) }
    let isLarge = build.compare(value, "GE", number(0x1p31))
    let isSmall = build.compare(value, "LE", number(-0x1p31))
    let low = build.select(isSmall, build.constant(Double(Int32.min), type), converted)
    let high = build.select(isLarge, build.constant(Double(Int32.max), type), low)
    return [build.select(build.compare(value, "NE", value), build.constant(0, type), high)]
  }

  private static func sample(
    _ from: ElementType, _ to: ElementType, _ domain: OperatorSample.Domain
  ) -> OperatorSample {
    OperatorSample([Elementwise.sampleType.with(from)], ["element_type": .elementType(to)], domains: [domain])
  }
}
