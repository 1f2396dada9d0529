import GraphIR
import Operators

/// How a loop is cut into segments: a first, shorter one for the remainder, then segments of equal length.
struct SegmentLengths {
  let first: Int
  let length: Int
  let count: Int

  init(count total: Int, every: Int) {
    length = min(every, total)
    count = total / length
    first = total % length
  }
}

/// Loops that keep their carries every so many iterations and compute the rest again.
extension GraphRewriter {
  /// A checkpoint around what the body adds to its region.
  mutating func checkpoint(
    _ loop: Repeat, to region: Graph.RegionID, _ body: (inout GraphRewriter, Graph.RegionID) -> [Graph.Value]
  ) -> [Graph.Value] {
    let inner = target.addRegion()
    target[inner].results = body(&self, inner)
    let results = build(in: region, annotation: loop.operation.annotation) { build in
      build.emit(.checkpoint, [], regions: [inner])
    }
    recordCarries(of: loop, results)
    return results
  }

  /// A first, shorter checkpoint for the remainder, then a loop over checkpoints of equal length.
  mutating func segments(
    _ loop: Repeat, every: Int, from initial: [Graph.Value], to region: Graph.RegionID
  ) -> [Graph.Value] {
    let lengths = SegmentLengths(count: loop.count, every: every)
    var parts: [[Graph.Value]] = []
    if lengths.first > 0 {
      parts.append(
        checkpoint(loop, to: region) {
          $0.part(loop, 0..<lengths.first, from: initial, to: $1, resolveExactMode)
        })
    }
    let carries = parts.first.map { Array($0.prefix(loop.carryCount)) } ?? initial
    parts.append(segmentLoop(loop, lengths, from: carries, to: region))
    return joined(loop, parts, to: region)
  }

  private mutating func segmentLoop(
    _ loop: Repeat, _ lengths: SegmentLengths, from carries: [Graph.Value],
    to region: Graph.RegionID
  ) -> [Graph.Value] {
    let annotation = loop.operation.annotation
    let whole = loop.stackedInputs.map { self[$0] }
    let sequences = build(in: region, annotation: annotation) { build in
      whole.map { build.cut(build.slice($0, lengths.first..<loop.count, of: loop.count), lengths) }
    }
    let body = target.addRegion()
    let step = target.addParameter(.init(.int32, .scalar), name: "segment", to: body)
    let own = loop.carries.map { carry in
      let parameter = target.addParameter(source.type(of: carry), name: source[carry].name, to: body)
      self[carry] = parameter
      return parameter
    }
    let parts = sequences.map { value in
      let type = target.type(of: value)
      return target.addParameter(type.with(type.shape.removing([0])), name: nil, to: body)
    }
    target[body].results = checkpoint(loop, to: body) { rewriter, inner in
      let first = rewriter.build(in: inner, annotation: annotation) { build in
        let start = build.multiply(step, build.constant(Double(lengths.length), like: step))
        return build.add(start, build.constant(Double(lengths.first), like: step))
      }
      return rewriter.part(
        loop, count: lengths.length, firstStep: .value(first), from: own, parts, to: inner, resolveExactMode)
    }
    return build(in: region, annotation: annotation) { build in
      let results = build.emit(
        .repeat, carries + sequences, ["count": .integer(lengths.count), "carries": .integer(carries.count)],
        regions: [body])
      return results.enumerated().map { $0 < carries.count ? $1 : build.uncut($1) }
    }
  }
}
