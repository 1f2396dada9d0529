import Foundation
import Puzzles
import Recurve

/// A page that plays the thoughts of a model on a Sudoku: the grid after every supervision step, each number as dark as the
/// model is sure of it, and the halting probability. It holds all that it needs and asks no network for anything.
public struct ThoughtPage {
  private let question: SudokuQuestion
  private let thoughts: [Solving.Thought]
  private let verdict: String

  /// - Parameter verdict: a sentence below the grid.
  public init(_ question: SudokuQuestion, _ thoughts: [Solving.Thought], verdict: String) {
    (self.question, self.thoughts, self.verdict) = (question, thoughts, verdict)
  }

  /// What the script of the page reads.
  private struct Contents: Encodable {
    var side: Int
    var boxRows: Int
    var boxColumns: Int
    var givens: [UInt8]
    var steps: [Step]
    var verdict: String

    struct Step: Encodable {
      var digits: [UInt8]
      var certainties: [Double]
      var halting: Double
    }
  }

  /// - Throws: what encoding throws.
  public func html() throws -> String {
    let size = question.size
    func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
    let steps = thoughts.map { thought in
      Contents.Step(
        digits: thought.tokens.map { SudokuBatch.digit($0, size: size) ?? 0 },
        certainties: thought.certainties.map(rounded), halting: rounded(thought.haltingProbability))
    }
    let contents = Contents(
      side: size.side, boxRows: size.boxRows, boxColumns: size.boxColumns, givens: question.cells, steps: steps,
      verdict: verdict)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(contents), as: UTF8.self)
    // No text may end the script.
    return Self.page.replacingOccurrences(of: "@contents@", with: json.replacingOccurrences(of: "<", with: "\\u003c"))
  }

  private static let page = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A Tiny Recursive Model solves a Sudoku</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }
    table { border-collapse: collapse; border: 3px solid #1d2733; margin: 1rem 0; }
    td { width: 2.6rem; height: 2.6rem; text-align: center; font-size: 1.4rem; border: 1px solid #b8c2cc; }
    td.right { border-right: 3px solid #1d2733; }
    td.bottom { border-bottom: 3px solid #1d2733; }
    td.given { font-weight: bold; background: #eef2f6; }
    td.changed { background: #fff3c4; }
    meter { width: 12rem; }
    input[type=range] { width: 100%; }
    button { font: inherit; padding: 0.2rem 1rem; }
    </style>
    </head>
    <body>
    <h1>Thinking, step by step</h1>
    <p>Each number is as dark as the model is sure of it; what a step changed is yellow.</p>
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
        if (contents.givens[cells.length] > 0) cell.classList.add("given");
        cells.push(cell);
      }
    }
    const slider = find("slider");
    slider.max = contents.steps.length;
    let timer = null;
    function show(number) {
      const step = contents.steps[number - 1];
      const before = number > 1 ? contents.steps[number - 2].digits : contents.givens;
      cells.forEach((cell, index) => {
        const digit = step ? step.digits[index] : contents.givens[index];
        cell.textContent = digit > 0 ? digit : "";
        cell.classList.toggle("changed", Boolean(step) && digit !== before[index]);
        const sure = step && contents.givens[index] === 0 ? step.certainties[index] : 1;
        cell.style.color = `rgba(29, 39, 51, ${0.15 + 0.85 * sure})`;
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
