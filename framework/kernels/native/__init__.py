"""Native kernels on a CPU: C++ and oneDNN, called by XLA.

They compute convolutions, pooling, normalisation, attention, LSTM and matrix products, and come with `pip install
'graphwright[cpu]'`, which brings oneDNN. The C++ beside this file is compiled once, by the machine's own compiler.
Where anything of that is missing, the kernels of XLA are chosen, and one line says why.
"""
# ruff: noqa: F401 (imported for the kernels that they register)

from framework.kernels.native import attention, convolution, matrix, normalization, pooling, recurrent
