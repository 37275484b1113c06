"""The mechanisms once more, compiled: loops over firms, inputs and links in place of array expressions.

Each mechanism of `ecsim.mechanisms` is the readable statement of its equations and the reference for what stands here.
A mechanism that has a kernel is replaced by it where `time.engine` is `compiled`; one that has none runs as it is. The
two engines agree to rounding (tests/test_kernels.py). A kernel is given arrays of the world by the names of its parameters
(`arguments.py`), and those that follow each other in the schedule are compiled into one call (`jit.py`), since at a few hundred firms
calls cost as much as the work. Every kernel is one loop in one order, so that results do not depend on the number of workers.

Two parts of what governments do have kernels beside: what policy documents say (`documents.py`, for `ecsim.documents.writing`) and what
governments see and weigh (`governments.py`, for `ecsim.strategies`). They come to the same last bit as the array expressions.
"""
