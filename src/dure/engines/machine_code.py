# SPDX-License-Identifier: Apache-2.0
"""Inner loops as machine code, made when they are first called.

Every process of the platform imports its engines; few ever run an inner loop, and the compiler alone takes longer to
import than the rest of a process to begin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any


def compile_and_keep(function: Callable[..., object]) -> Any:
    """The function as numba's; its machine code is kept beside the source, and other threads run meanwhile."""
    import numba  # noqa: PLC0415 - see above

    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


class MachineCode:
    """A function that ``compile_it`` compiles when it is first called, here or by other compiled code."""

    def __init__(
        self,
        function: Callable[..., object],
        compile_it: Callable[[Callable[..., object]], Any] = compile_and_keep,
    ) -> None:
        update_wrapper(self, function)
        self._function, self._compile = function, compile_it

    @cached_property
    def code(self) -> Any:
        """What numba made of it."""
        return self._compile(self._function)

    @property
    def _numba_type_(self) -> Any:
        """How numba knows it where compiled code calls it."""
        return self.code._numba_type_

    def __call__(self, *arguments: Any) -> Any:
        return self.code(*arguments)
