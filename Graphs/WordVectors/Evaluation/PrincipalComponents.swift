/// The directions along which rows differ most, by orthogonal iteration on their covariance, in double precision.
struct PrincipalComponents: Sendable {
  /// Unit vectors, the direction of the largest variance first; zeros where rows differ in fewer directions.
  let directions: [[Double]]
  let mean: [Double]
  /// The share of the whole variance that lies along each direction.
  let shares: [Double]

  private static let iterations = 200
  /// What is left of a number is rounding where it is a smaller share of it.
  private static let negligible = 1e-12

  /// - Parameter rows: at least one, all of one width.
  init(of rows: [[Double]], count: Int) {
    let width = rows[0].count
    let mean = (0..<width).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    let centred = rows.map { Self.centred($0, mean) }
    let covariance = Self.covariance(centred, width)
    // Unit vectors of the first axes would be blind where those are all 0.
    var directions = (0..<min(count, width)).map { Self.start($0, width) }
    for _ in 0..<Self.iterations {
      directions = Self.orthonormal(directions.map { direction in covariance.map { Self.dot($0, direction) } })
    }
    let total = (0..<width).reduce(0) { $0 + covariance[$1][$1] }
    shares = directions.map { direction in
      total > 0 ? Self.dot(direction, covariance.map { Self.dot($0, direction) }) / total : 0
    }
    (self.directions, self.mean) = (directions.map(Self.signed), mean)
  }

  /// Some direction, of each number another one.
  private static func start(_ number: Int, _ width: Int) -> [Double] {
    (0..<width).map { column in
      let residue = (column * (number + 3)) % 7
      return Double(residue + (column == number ? 2 : 1))
    }
  }

  /// The coordinates of a row along the directions.
  func projected(_ row: [Double]) -> [Double] {
    let centred = Self.centred(row, mean)
    return directions.map { Self.dot($0, centred) }
  }

  private static func centred(_ row: [Double], _ mean: [Double]) -> [Double] {
    zip(row, mean).map { number, mean in abs(number - mean) > negligible * abs(mean) ? number - mean : 0 }
  }

  private static func covariance(_ rows: [[Double]], _ width: Int) -> [[Double]] {
    var sums = Array(repeating: Array(repeating: 0.0, count: width), count: width)
    for row in rows {
      for i in 0..<width { for j in 0..<width { sums[i][j] += row[i] * row[j] } }
    }
    return sums.map { $0.map { $0 / Double(rows.count) } }
  }

  /// Gram and Schmidt; 0 where nothing is left of a vector.
  private static func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
    vectors.reduce(into: []) { result, vector in
      let rest = result.reduce(vector) { rest, other in
        let share = dot(rest, other)
        return zip(rest, other).map { $0 - share * $1 }
      }
      let (length, whole) = (dot(rest, rest).squareRoot(), dot(vector, vector).squareRoot())
      // What rounding left is no direction: as a unit vector it would count again what lies along the others.
      result.append(rest.map { length > negligible * whole ? $0 / length : 0 })
    }
  }

  /// The largest number made positive: a direction and its opposite are one.
  private static func signed(_ direction: [Double]) -> [Double] {
    let largest = direction.max { abs($0) < abs($1) } ?? 0
    return largest < 0 ? direction.map { -$0 } : direction
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
