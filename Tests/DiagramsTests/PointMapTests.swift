import Foundation
import Reports
import TestSupport
import Testing

/// Named points as a picture, whatever their names are.
@Suite struct PointMapTests {
  private func picture(_ points: [PointMap.Point]) throws -> String {
    try withTemporaryFolder { folder in
      let map = PointMap(title: "map", xLabel: "x", yLabel: "y", points: points)
      try map.write(to: folder + "/map.svg")
      return try String(contentsOfFile: folder + "/map.svg", encoding: .utf8)
    }
  }

  @Test func namesStandInThePicture() throws {
    let drawn = try picture([
      .init(name: "king", x: 0, y: 1), .init(name: "queen", x: 1, y: 0, group: 1), .init(name: "äpfel", x: 2, y: 2),
    ])
    for name in ["king", "queen", "äpfel", "map"] { #expect(drawn.contains(name)) }
    #expect(drawn.lowercased().contains("rgb( 37,  99, 235)") || drawn.contains("#2563eb"))
  }

  @Test func anyNamesAndPlacesAreDrawn() throws {
    let names = ["\"", "'; system('false')", "@_^{", "<b>", "\\", "`date`"]
    let drawn = try picture(names.enumerated().map { .init(name: $1, x: Double($0), y: 0) })
    #expect(drawn.contains("&lt;b") && !drawn.contains("<b>"))
    let places = [Double.nan, .infinity, 1e300, 0].map { PointMap.Point(name: "p", x: $0, y: 0, group: -7) }
    #expect(try picture(places).contains("</svg>"))
    #expect(try picture([]).contains("</svg>"))
    #expect(try picture([.init(name: "alone", x: 3, y: 3)]).contains("alone"))
  }
}
