/// Elements of which the least is at hand (a binary heap, Williams 1964).
struct PriorityQueue<Element: Comparable> {
  /// Each is at most its children, which stand at twice its place and one and two more.
  private var entries: [Element] = []

  mutating func push(_ element: Element) {
    entries.append(element)
    var place = entries.count - 1
    while place > 0, entries[place] < entries[(place - 1) / 2] {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes the least out; nil where there is none.
  mutating func pop() -> Element? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      sink()
    }
    return first
  }

  private mutating func sink() {
    var place = 0
    while 2 * place + 1 < entries.count {
      let (left, right) = (2 * place + 1, 2 * place + 2)
      let least = right < entries.count && entries[right] < entries[left] ? right : left
      guard entries[least] < entries[place] else { return }
      entries.swapAt(place, least)
      place = least
    }
  }
}
