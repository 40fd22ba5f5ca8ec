"""Native kernels of convolution, pooling, normalisation and LSTM on a CPU: C++ and oneDNN, called by XLA.

They come with `pip install 'graphwright[cpu]'`, which brings oneDNN. The C++ beside this file is compiled once, by the
machine's own compiler. Where anything of that is missing, the kernels of XLA are chosen, and one line says why.
"""
# ruff: noqa: F401 (imported for the kernels that they register)

from framework.kernels.native import convolution, normalization, pooling, recurrent
