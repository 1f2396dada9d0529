/// Random bits as a function of a key and a counter: Threefry-2x32 with 20 rounds.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
enum Threefry {
  typealias Words = (UInt32, UInt32)

  /// The parity word of a key, section 3.3 of the paper.
  static let parity: UInt32 = 0x1BD1_1BDA
  static let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]

  static func words(key: Words, counter: Words) -> Words {
    let keys = [key.0, key.1, parity ^ key.0 ^ key.1]
    var (x, y) = (counter.0 &+ key.0, counter.1 &+ key.1)
    for group in 0..<5 {
      for rotation in rotations[group % 2] {
        x &+= y
        y = (y << rotation | y >> (32 - rotation)) ^ x
      }
      x &+= keys[(group + 1) % 3]
      y &+= keys[(group + 2) % 3] &+ UInt32(group + 1)
    }
    return (x, y)
  }
}
