import GraphIR

/// A graph as a picture: loops as clusters, scopes as nodes, in DOT text for Graphviz.
///
/// Equal graphs with equal options give equal text. To have no more nodes than its limit, a picture closes the deepest
/// scopes first, then whole loops, at last neighbours share a node; `note` says so, and where there are still more.
public struct GraphDiagram: Sendable {
  /// What the fill colours of the nodes mean.
  public enum Coloring: String, Hashable, Sendable, CaseIterable {
    case kind
    case bytes
    case liveness
    case role
  }

  /// What is drawn of a graph, and how.
  public struct Options: Hashable, Sendable {
    /// Draws every operation, with scopes as clusters; otherwise a scope is one node.
    public var expand: Bool
    /// Paths of scopes, or their last parts, to draw as clusters although `expand` is off.
    public var expandedScopes: [String]
    public var coloring: Coloring
    /// The most nodes of a picture, or nil; what is left at the end are one node, its inputs and its results.
    public var nodeLimit: Int?
    public var showsWeights: Bool
    /// Writes the types of values on the arrows; they are in the tooltips anyway.
    public var showsTypesOnEdges: Bool
    /// The heading; the graph's name when empty.
    public var title: String

    public init(
      expand: Bool = false, expandedScopes: [String] = [], coloring: Coloring = .kind, nodeLimit: Int? = 150,
      showsWeights: Bool = true, showsTypesOnEdges: Bool = false, title: String = ""
    ) {
      self.expand = expand
      self.expandedScopes = expandedScopes
      self.coloring = coloring
      self.nodeLimit = nodeLimit
      self.showsWeights = showsWeights
      self.showsTypesOnEdges = showsTypesOnEdges
      self.title = title
    }
  }

  public let dot: String
  public let nodeCount: Int
  /// The paths of all scopes, each once, in the order of the graph.
  public let scopes: [String]
  /// What `Options.expandedScopes` names and the graph does not have.
  public let unknownScopes: [String]
  /// What was collapsed to stay within the limit, and whether that was enough, as a line; nil when nothing was needed.
  public let note: String?

  /// Draws the graph; `liveness` is the share of the timeline, 0 to 1, during which a value is alive.
  public init(
    _ graph: Graph, options: Options = Options(), kind: @escaping @Sendable (String) -> OperationKind,
    liveness: ((Graph.Value) -> Double?)? = nil
  ) {
    let outline = OutlineBuilder.outline(graph)
    (scopes, unknownScopes) = Opening.scopes(outline, named: options.expandedScopes)
    var opening = Opening(outline, graph: graph, options: options, kind: kind)
    var picture = Wiring(graph, outline, opening, options: options, kind: kind).drawn()
    let limit = options.nodeLimit ?? .max
    while picture.nodes.count > limit, opening.closeSome() {
      picture = Wiring(graph, outline, opening, options: options, kind: kind).drawn()
    }
    nodeCount = picture.nodes.count
    note = opening.note(limit: limit, count: nodeCount)
    let coloring = NodeColoring(graph, options.coloring, picture, liveness)
    let writer = DotWriter(graph, outline, opening, picture, coloring, options, note: note, kind: kind)
    dot = writer.text()
  }
}
