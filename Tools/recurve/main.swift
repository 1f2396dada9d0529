import RecurveCommands
import TinyRecursion

RecurveCommandLine.main([TinyRecursion.family])
