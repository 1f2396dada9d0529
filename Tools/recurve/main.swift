import LearningPath
import RecurveCommands
import TinyRecursion

RecurveCommandLine.main(
  [TinyRecursion.family], experiments: LearningPath.experiments, commands: [SolveCommand.self, AblateCommand.self])
