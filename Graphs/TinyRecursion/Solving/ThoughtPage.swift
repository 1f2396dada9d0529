import Foundation
import Puzzles
import Recurve

/// A page that plays the thoughts of a model on a puzzle: the grid after every supervision step, each cell as dark as the
/// model is sure of it, and the halting probability. It holds all that it needs and asks no network for anything.
public struct ThoughtPage {
  private let contents: Contents

  /// - Parameter verdict: a sentence below the grid.
  public init(_ question: SudokuQuestion, _ thoughts: [Solving.Thought], verdict: String) {
    let size = question.size
    func text(_ digit: UInt8) -> String { digit == 0 ? "" : "\(digit)" }
    contents = Contents(
      puzzle: "a Sudoku", side: size.side, boxRows: size.boxRows, boxColumns: size.boxColumns,
      question: question.cells.map(text), isGiven: question.cells.map { $0 > 0 },
      steps: thoughts.map { Contents.Step($0) { text(SudokuBatch.digit($0, size: size) ?? 0) } }, verdict: verdict)
  }

  /// - Parameter verdict: a sentence below the grid.
  public init(_ question: MazeQuestion, _ thoughts: [Solving.Thought], verdict: String) {
    func text(_ cell: Maze.Cell) -> String { cell == .open ? "" : "\(cell.character)" }
    contents = Contents(
      puzzle: "a maze", side: question.side, boxRows: question.side, boxColumns: question.side,
      question: question.cells.map(text), isGiven: question.cells.map { $0 != .open },
      steps: thoughts.map { Contents.Step($0) { text(Maze.Cell(token: $0)) } }, verdict: verdict)
  }

  /// What the script of the page reads.
  private struct Contents: Encodable {
    var puzzle: String
    var side: Int
    var boxRows: Int
    var boxColumns: Int
    /// What stands in each cell, nothing where it is to be found.
    var question: [String]
    var isGiven: [Bool]
    var steps: [Step]
    var verdict: String

    struct Step: Encodable {
      var cells: [String]
      var certainties: [Double]
      var halting: Double

      init(_ thought: Solving.Thought, _ text: (Int32) -> String) {
        func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
        cells = thought.tokens.map(text)
        certainties = thought.certainties.map(rounded)
        halting = rounded(thought.haltingProbability)
      }
    }
  }

  /// - Throws: what encoding throws.
  public func html() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(contents), as: UTF8.self)
    // No text may end the script.
    return Self.page.replacingOccurrences(of: "@puzzle@", with: contents.puzzle)
      .replacingOccurrences(of: "@contents@", with: json.replacingOccurrences(of: "<", with: "\\u003c"))
  }

  private static let page = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A Tiny Recursive Model solves @puzzle@</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }
    table { border-collapse: collapse; border: 3px solid #1d2733; margin: 1rem 0; }
    td { width: 2.6rem; height: 2.6rem; text-align: center; font-size: 1.4rem; border: 1px solid #b8c2cc; }
    td.right { border-right: 3px solid #1d2733; }
    td.bottom { border-bottom: 3px solid #1d2733; }
    td.given { font-weight: bold; background: #eef2f6; }
    td.changed { background: #fff3c4; }
    td.wall { background: #1d2733; color: transparent; }
    td.path { background: rgba(31, 138, 76, var(--sure)); color: transparent; }
    meter { width: 12rem; }
    input[type=range] { width: 100%; }
    button { font: inherit; padding: 0.2rem 1rem; }
    </style>
    </head>
    <body>
    <h1>Thinking, step by step</h1>
    <p>Each cell is as dark as the model is sure of it; what a step changed is yellow, the way through a maze green.</p>
    <table id="grid"></table>
    <p><label>probability that all is right <meter id="halting" min="0" max="1"></meter> <span id="share"></span></label></p>
    <p><button id="play">Play</button> <span id="step"></span></p>
    <p><input id="slider" type="range" min="0" value="0" aria-label="supervision step"></p>
    <p id="verdict"></p>
    <script>
    const contents = @contents@;
    const find = name => document.getElementById(name);
    const cells = [];
    for (let row = 0; row < contents.side; row++) {
      const line = find("grid").insertRow();
      for (let column = 0; column < contents.side; column++) {
        const cell = line.insertCell();
        if ((column + 1) % contents.boxColumns === 0) cell.classList.add("right");
        if ((row + 1) % contents.boxRows === 0) cell.classList.add("bottom");
        if (contents.isGiven[cells.length]) cell.classList.add("given");
        cells.push(cell);
      }
    }
    const slider = find("slider");
    slider.max = contents.steps.length;
    let timer = null;
    function show(number) {
      const step = contents.steps[number - 1];
      const before = number > 1 ? contents.steps[number - 2].cells : contents.question;
      cells.forEach((cell, index) => {
        const text = step ? step.cells[index] : contents.question[index];
        cell.textContent = text;
        cell.classList.toggle("wall", text === "#");
        cell.classList.toggle("path", text === "o");
        cell.classList.toggle("changed", Boolean(step) && text !== before[index]);
        const sure = step && !contents.isGiven[index] ? step.certainties[index] : 1;
        cell.style.color = text === "#" || text === "o" ? "" : `rgba(29, 39, 51, ${0.15 + 0.85 * sure})`;
        cell.style.setProperty("--sure", 0.15 + 0.85 * sure);
      });
      find("halting").value = step ? step.halting : 0;
      find("share").textContent = step ? (100 * step.halting).toFixed(1) + " %" : "";
      find("step").textContent = step ? `step ${number} of ${contents.steps.length}` : "the question";
      find("verdict").textContent = number === contents.steps.length ? contents.verdict : "";
      slider.value = number;
    }
    function stop() { clearInterval(timer); timer = null; find("play").textContent = "Play"; }
    function play() {
      if (timer) { stop(); return; }
      if (Number(slider.value) === contents.steps.length) show(0);
      find("play").textContent = "Pause";
      timer = setInterval(() => {
        if (Number(slider.value) >= contents.steps.length) { stop(); return; }
        show(Number(slider.value) + 1);
      }, 900);
    }
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    find("play").addEventListener("click", play);
    show(0);
    play();
    </script>
    </body>
    </html>

    """
}
