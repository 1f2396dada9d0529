@_exported import Compilation
@_exported import Differentiation
@_exported import Execution
@_exported import GraphIR
@_exported import Modeling
@_exported import Operators
@_exported import TensorTypes
@_exported import Training
