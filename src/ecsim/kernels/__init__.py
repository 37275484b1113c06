"""The mechanisms once more, compiled: loops over firms, inputs and links in place of array expressions.

Each mechanism of `ecsim.mechanisms` is the readable statement of its equations and the reference for what stands here.
A mechanism that has a kernel is replaced by it where `time.engine` is `compiled`; one that has none runs as it is. The
two engines agree to rounding (tests/test_kernels.py). Every kernel is one loop in one order, so that results
do not depend on the number of workers. A kernel file uses nothing of another one: its cache on disk is renewed when the
file itself changes.
"""
