import Training

/// What a user got wrong on the command line.
enum CommandError: UsageError, CustomStringConvertible {
  case unknownModel(String, known: [String])
  case unknownMode(String)
  case invalidNumbers(String, option: String)
  case unwritable(String, String)
  case otherResults(String, String)
  case twoMeanings(String, otherwise: String)
  case runExists(String)
  case noRun(String)
  case noModel
  case noFile(String)
  case noRecord(String)
  case noCheckpoint(String)
  case nothingToShow(String)
  case twoRuns(model: String, output: String)
  case noSteps(String)
  case needsCompiler(command: String)
  case unknownExample(String, known: [String])
  case missed([String])
  case unknownScope(String, known: [String])
  case unknownProgram(String, known: [String])
  case unknownTable(String?, known: [String])
  case reach(String)
  case noTextModel(String, String)
  case judgesAll(String, option: String)
  case nothingToWatch(String)
  case needsSteps(String)
  case incompleteWeights(String, missing: [String])
  case changedRun
  case dependentBatches(String)
  case noHeldOutBatches(String)

  var isUsage: Bool {
    switch self {
    case .unknownModel, .unknownMode, .invalidNumbers, .unknownExample, .unknownScope, .unknownProgram, .unknownTable,
      .reach,
      .noModel, .noRecord, .twoRuns, .noTextModel, .judgesAll, .nothingToWatch, .needsSteps, .twoMeanings,
      .nothingToShow, .dependentBatches, .noHeldOutBatches:
      true
    case .unwritable, .otherResults, .runExists, .noRun, .noSteps, .needsCompiler, .missed, .noCheckpoint,
      .noFile, .incompleteWeights, .changedRun:
      false
    }
  }

  var description: String {
    switch self {
    case .unknownModel(let name, let known):
      "no model is called '\(name)', and it is no folder of a run; there are "
        + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .unknownMode(let text):
      "no gradient mode is called '\(text)'; there are full, last:K, none, checkpointed:EVERY, revolve:SLOTS"
    case .invalidNumbers(let text, let option):
      "--\(option) got '\(text)', needs whole numbers from 1 to 1000000, separated by commas"
    case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
    case .otherResults(let path, let found):
      "cannot go on from \(path): found \(found); name another folder with --output"
    case .twoMeanings(let name, let otherwise):
      "\(name) is a model and the folder of a run; write ./\(name) for the run, or \(otherwise)"
    case .runExists(let path): "\(path) already holds a run; continue it with --resume or choose another --output"
    case .needsCompiler(let command):
      "\(command) needs compiled kernels, and no C compiler was found; `recurve doctor` says more"
    case .unknownExample(let name, let known):
      "no example is called '\(name)'; there are all, \(known.joined(separator: ", "))"
    case .unknownScope(let name, let known):
      "--open got '\(name)', needs a scope that the picture has: "
        + (known.isEmpty ? "there is none" : known.joined(separator: ", "))
    case .unknownTable(let key, let known):
      (key.map { "no table is by '\($0)'" } ?? "nothing to draw")
        + "; there are \(known.isEmpty ? "no tables" : "tables by " + known.joined(separator: ", "))"
    case .unknownProgram(let name, let known):
      "--program got '\(name)', needs a program of the model beside its training step: "
        + (known.isEmpty ? "there is none" : known.joined(separator: ", "))
    case .reach(let problem): problem
    case .judgesAll(let family, let option):
      "\(option), which has no effect: \(family) is judged on what it holds out, as it is; needs none"
    case .noTextModel(let path, let family): "\(path) is a run of \(family), which continues no texts"
    case .nothingToWatch(let engine): "--verify watches compiled kernels, which --engine \(engine) does not run"
    case .needsSteps(let option): "\(option) shows steps of compiled kernels; leave out --engine"
    case .missed(let names): "what was promised does not hold in \(names.joined(separator: ", "))"
    case .noRun(let path): "\(path) holds no run to continue; leave out --resume to start one"
    case .noFile(let path): "the run's data \(path) is no file and no folder; name another one with --data"
    case .noModel: "needs a model, which `recurve list` shows, or the folder of a run"
    case .noRecord(let path):
      "\(path) has no run.json that says what it is; needs its model and the options that it was made with"
    case .noCheckpoint(let path):
      "\(path) has no checkpoint yet; continue the run with `\(RunFolder(path).resumeCommand)`"
    case .nothingToShow(let path): "\(path) is no folder of a run; needs one that `recurve train` has made"
    case .twoRuns(let model, let output):
      "--resume got two runs, \(model) and --output \(output), needs one of them"
    case .noSteps(let path): "\(path) has no steps yet"
    case .incompleteWeights(let path, let missing):
      "\(path) has nothing for \(missing.count) weights, which would stay as they begin: "
        + missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? " and others" : "")
        + "; is the model of another variant? Else name those that are to be taken with --only"
    case .changedRun:
      "--batches-only needs a run that was the same throughout; this one was changed on the way by --accept-changes"
    case .dependentBatches(let family):
      "--batches-only, but each batch of \(family) follows from the results of the step before; leave it out"
    case .noHeldOutBatches(let family):
      "--held-out, but \(family) holds nothing out that single steps answer; leave it out"
    }
  }
}
