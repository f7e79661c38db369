"""A property whose value is made when somebody first asks for it, and kept."""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

Owner = TypeVar("Owner")
Value_co = TypeVar("Value_co", covariant=True)


class once(Generic[Owner, Value_co]):  # noqa: N801  # a decorator, as `property` is
    """As functools.cached_property, without the lock that it takes each time before Python 3.12.

    The owner needs a `__dict__`.
    """

    def __init__(self, make: Callable[[Owner], Value_co]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: Owner, kind: type) -> Value_co: ...

    def __get__(self, owner: Owner | None, kind: type) -> Value_co | Self:
        """Make the value, and put it before this descriptor, which is not asked again."""
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._make(owner)
        return value
