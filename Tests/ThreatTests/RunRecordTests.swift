import Foundation
import TestSupport
import Testing

/// Folders of runs come from anywhere: what they say is read or refused, and controls nothing.
@Suite(.enabled(if: RecurveRun.isPossible)) struct RunRecordTests {
  private static let good = """
    {"version":1,"family":"tiny-recursion","preset":"nano","variant":"attention","batch":2,"depth":1,
    "gradient":"last(1)","seed":0,"data":"generated","numbers":{},"weights":1,"checkpoint_every":1,
    "kept_checkpoints":1,"recipe":{"steps":1,"rule":"adamw","schedule":"constant","patience":0,
    "decays_matrices_only":false,"accumulated_steps":1,"learning_rate":1,"warm_up":0,"final_share":0,
    "drop_every":1,"validate_every":0,"validation_batches":1}}
    """

  private static func changed(_ old: String, _ new: String) -> Data { Data(good.replacing(old, with: new).utf8) }

  private static let hostile: [Data] = [
    Data(), Data([0xFF, 0xFE, 0x00]), Data("null".utf8), Data("[1]".utf8),
    Data("{\"version\":\"\u{1B}[31m\"}".utf8),
    Data(String(repeating: "[", count: 100_000).utf8), Data(repeating: 0x20, count: 3 << 20),
    changed("\"version\":1", "\"version\":99999999999999999999"), changed("\"seed\":0", "\"seed\":1e99"),
    changed("\"batch\":2", "\"batch\":9223372036854775807"), changed("\"depth\":1", "\"depth\":-1"),
    changed("\"gradient\":\"last(1)\"", "\"gradient\":\"\\u001b[31m\\u0007\""),
    changed("\"last(1)\"", "\"revolve(slots: 99999999999999999999)\""),
    changed("\"tiny-recursion\"", "\"\\u001b[31m\\u0007\""), changed("\"nano\"", "\"\\u009b2J\""),
    changed("\"attention\"", "\"\(String(repeating: "x", count: 900_000))\""),
    changed("\"family\":\"tiny-recursion\"", "\"family\":{\"\\u001b\":1}"),
    changed("\"generated\"", "{\"path\":7}"), changed("\"generated\"", "\"\\u001b[31m\""),
    changed("\"learning_rate\":1", "\"learning_rate\":1e999"), changed("\"rule\":\"adamw\"", "\"rule\":\"\\u001b\""),
    changed("\"accumulated_steps\":1", "\"accumulated_steps\":9223372036854775807"),
    changed("\"warm_up\":0", "\"warm_up\":-9223372036854775808"), changed("\"numbers\":{}", "\"numbers\":[]"),
  ]

  @Test func recordsThatCannotBeAreRefused() throws {
    try withTemporaryFolder { folder in
      for bytes in Self.hostile {
        try bytes.write(to: URL(fileURLWithPath: folder + "/run.json"))
        for arguments in [["show", folder], ["plan", folder], ["train", folder, "--resume"]] {
          let run = try RecurveRun(arguments)
          let text = String(decoding: bytes.prefix(80), as: UTF8.self)
          #expect(run.status == 1 && !run.errors.isEmpty && run.errors.count < 10_000, "\(arguments[0]): \(text)")
          #expect(!run.errors.contains { [0x1B, 0x9B, 0x07].contains($0) }, "\(text)")
          #expect(String(decoding: run.errors, as: UTF8.self).contains("\(folder)/run.json: "), "\(text)")
        }
      }
      #expect(names(in: folder) == ["run.json"])
    }
  }

  /// Paths may hold anything; a terminal gets none of it.
  @Test func pathsInRecordsControlNoTerminal() throws {
    try withTemporaryFolder { folder in
      let data = "{\"path\":\"/nowhere/\\u001b[31m\\u0007\\nx\",\"hash\":\"\\u009b2J\"}"
      try Self.changed("\"generated\"", data).write(to: URL(fileURLWithPath: folder + "/run.json"))
      let commands = [
        ["show", folder], ["show", folder, "--json"], ["plan", folder], ["train", folder, "--resume"],
      ]
      for arguments in commands {
        let run = try RecurveRun(arguments)
        #expect((run.status == 0) == (arguments[0] == "show"))
        for bytes in [run.output, run.errors] { #expect(!bytes.contains { [0x1B, 0x07].contains($0) }) }
        #expect(!String(decoding: run.output + run.errors, as: UTF8.self).contains("\u{9B}"))
      }
    }
  }
}
