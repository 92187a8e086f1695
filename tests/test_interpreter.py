"""What programs compute, as the layers that they make show it: constants, containers, functions, classes, loops.

Every program binds `seen`, which then becomes the size or the name of a layer. What cannot be known must be unknown: a
value that is guessed is worse than none.
"""

from __future__ import annotations

import pytest

from keraslint.model import Layer, Program
from keraslint.source import Source
from keraslint.static import recover

UNKNOWN = None

BEFORE = """\
import sys
import keras
from keras import layers
"""
AFTER = """
model = keras.Sequential([layers.Dense(seen, name=seen)])
"""


def read(text: str) -> Program:
    return recover(Source.from_bytes("train.py", text.encode()))


def layers_of(text: str) -> list[Layer]:
    return [layer for model in read(text).models for layer in model.layers]


def seen(program: str) -> object:
    """The number or the text that a program binds to `seen`."""
    [layer] = layers_of(BEFORE + program + AFTER)
    return layer.units.value if layer.units is not None else layer.name


CONSTANTS = [
    ("seen = 12", 12),
    ("seen = 1_000", 1000),
    ("seen = 0x10", 16),
    ("seen = 0b101", 5),
    ("seen = -3 + 7", 4),
    ("seen = +3", 3),
    ("seen = 2 * 3 + 4 // 3 - 8 % 3", 5),
    ("seen = int(2 ** 5)", 32),
    ("seen = 6 & 3 | 8", 10),
    ("seen = int(7 / 2)", 3),
    ("seen = int(1.5e1)", 15),
    ("seen = int('12') + len('abc')", 15),
    ("seen = max(3, 7) - min(4, 2)", 5),
    ("seen = round(2.6)", 3),
    ("seen = abs(-4)", 4),
    ("seen = int(True) + 1", 2),
    ("seen = 'a'", "a"),
    ('seen = """a\\nb"""', "a\nb"),
    ("seen = r'\\n'", "\\n"),
    ("seen = u'a'", "a"),
    ("seen = 'a' 'b'", "ab"),
    ("seen = 'a' + 'b' * 3", "abbb"),
    ("seen = 'soft' + 'max'", "softmax"),
    ("seen = '%s-%d' % ('a', 1)", UNKNOWN),  # a tuple is not folded, and must not be guessed
    ("seen = 'n%d' % 3", "n3"),
    ("seen = 'abc'[1]", "b"),
    ("seen = 'abc'[::-1]", "cba"),
    ("seen = 'Soft Max'.lower().replace(' ', '')", "softmax"),
    ("seen = '-'.join('abc')", "a-b-c"),
    ("seen = 'a,b'.split(',')[1]", "b"),
    ("seen = '{}_{n}'.format('a', n=2)", "a_2"),
    ("seen = str(3)", "3"),
    ("seen = 'a' if 'b' in 'abc' else 'c'", "a"),
    ("a = b = 4\nseen = a + b", 8),
    ("a, b = 1, 2\na, b = b, a\nseen = a * 10 + b", 21),
    ("seen: int = 5", 5),
    ("seen = 2\nseen += 3\nseen *= 4\nseen -= 1\nseen //= 2", 9),
    ("x = 5\ndel x\nseen = 1", 1),
]

FOLDING_HAS_LIMITS = [
    "seen = 'a' * 10**9",
    "seen = 10**10**10",
    "seen = 2 ** 4096 * 2 ** 4096",
    "seen = [0] * 10**9",
    "seen = (0,) * 10**9",
    "seen = 'a'\nfor _ in range(10**9):\n    seen = seen + seen",
    "seen = 'a' * 1000\nseen = seen * 1000\nseen = seen * 1000",
    "seen = '%1000000000d' % 1",
    "seen = '%*d' % (10**9, 1)",
    "seen = '{:>1000000000}'.format(1)",
    "seen = '{:>{}}'.format(1, 10**9)",
    "seen = '{0:{1}}'.format(1, 10**9)",
    "seen = f'{1:>1000000000}'",
    "seen = round(5, -10**9)",
    "seen = len(range(10**30))",
    "seen = sum(range(10**30))",
    "seen = max(range(10**12))",
    "seen = len(list(range(10**12)))",
    "seen = 1 << 10**10",
    "seen = 'a'.replace('a', 'b' * 4000).replace('b', 'c' * 4000)",
    "seen = f'{0x" + "f" * 3990 + "}'",
    "seen = int('9' * 4000) * 10",
    "seen = " + "9" * 5000,
    "seen = str(10.0 ** 400)",
    "seen = 1 // 0",
    "seen = 'a' + 1",
    "seen = 'a'.join([1])",
    "seen = 'abc'[7]",
    "seen = (1, 2)[7]",
    "seen = 'é'.encode('utf-8')",
]

FORMATTED = [
    ("n = 3\nseen = f'block_{n}'", "block_3"),
    ("n = 3\nseen = f'{n}{n + 1}'", "34"),
    ("seen = f'{{a}}'", "{a}"),
    ("seen = f'a\\tb'", "a\tb"),
    ("seen = rf'a\\tb{1}'", "a\\tb1"),
    ("seen = f'a' 'b'", "ab"),
    ("n = 3\nseen = f'{n:03d}'", UNKNOWN),
    ("n = 'a'\nseen = f'{n!r}'", UNKNOWN),
    ("seen = f'{sys.argv[1]}'", UNKNOWN),
]

CONTAINERS = [
    ("seen = [1, 2, 3][1]", 2),
    ("seen = (1, 2, 3)[-1]", 3),
    ("seen = [[1, 2], [3, 4]][1][0]", 3),
    ("seen = len([1, 2, 3])", 3),
    ("seen = [1, 2, 3, 4][1:3][1]", 3),
    ("seen = [1, 2, 3, 4][::-1][0]", 4),
    ("seen = len([1, 2, 3, 4][:-1])", 3),
    ("seen = [1, 2, 3][::0]", UNKNOWN),
    ("seen = ([1] + [2, 3])[2]", 3),
    ("seen = len([0] * 3)", 3),
    ("seen = (1, *[2, 3], 4)[2]", 3),
    ("a = [1]\na.append(2)\na.extend([3, 4])\nseen = a[3]", 4),
    ("a = [1, 2]\na += [3]\nseen = a[-1]", 3),
    ("a = [1, 2]\na.insert(0, 9)\nseen = a[0]", 9),
    ("a = [1, 2, 3]\na.pop()\nseen = a[-1]", 2),
    ("a = [1, 2, 3]\nseen = a.pop(0)", 1),
    ("a = [1, 2]\na[0] = 7\nseen = a[0]", 7),
    ("a = [1, 2]\nb = a\nb.append(5)\nseen = a[-1]", 5),
    ("a = [1, 2]\nb = a.copy()\nb.append(5)\nseen = a[-1]", 2),
    ("a = [1, 2]\nb = list(a)\nb.append(5)\nseen = len(a)", 2),
    ("a = [1, 2]\na.clear()\nseen = len(a)", 0),
    ("a = [3, 1]\na.sort()\nseen = a[0]", UNKNOWN),
    ("a = [3, 1]\na.sort()\nseen = a[-1]", UNKNOWN),
    ("a = [3, 1]\na.reverse()\nseen = a[0]", 1),
    ("a = [3, 1]\na.remove(3)\nseen = a[0]", UNKNOWN),
    ("a = [3, 1]\na.remove(3)\nseen = len(a)", UNKNOWN),
    ("seen = list(reversed([1, 2, 3]))[0]", 3),
    ("seen = len({1, 2})", 2),
    ("seen = len({1, 2, 2})", 2),
    ("seen = len(set([1, 1, 2]))", 2),
    ("a = {1}\na.add(1)\na.add(2)\nseen = len(a)", 2),
    ("a = set()\na.update([1, 1], [2])\nseen = len(a)", 2),
    ("seen = len({1, int(sys.argv[1])})", UNKNOWN),
    ("seen = {'a': 1, 'b': 2}['b']", 2),
    ("seen = dict(a=1, b=2)['b']", 2),
    ("seen = dict([('a', 1), ('b', 2)])['b']", 2),
    ("seen = dict(zip(['a', 'b'], [1, 2]))['b']", 2),
    ("d = {}\nd['a'] = 4\nseen = d['a']", 4),
    ("d = {'a': 1}\nd.update(a=2)\nseen = d['a']", 2),
    ("d = {'a': 1}\nd.update({'a': 3})\nseen = d['a']", 3),
    ("seen = {**{'a': 1}, 'a': 2, **{'b': 3}}['a']", 2),
    ("seen = {'a': 1}.get('a', 5)", 1),
    ("seen = {'a': 1}.get('b', 5)", 5),
    ("seen = {'a': 1}.pop('a')", 1),
    ("d = {'a': 1}\nd.pop('a')\nseen = d.get('a', 7)", 7),
    ("d = {'a': 1}\nd.pop('a')\ne = {'a': 2}\ne.update(d)\nseen = e['a']", 2),
    ("d = {}\nd.setdefault('a', 2)\nseen = d['a']", 2),
    ("seen = len({'a': 1, 'b': 2})", 2),
    ("d = {'a': 1}\ndel d['a']\nseen = d.get('a', 7)", 7),
    ("seen = list({'a': 1, 'b': 2}.values())[1]", 2),
    ("seen = list({'a': 1, 'b': 2}.items())[1][0]", "b"),
    ("seen = {'a': {'b': 6}}['a']['b']", 6),
    ("seen = {(1, 2): 6}[1, 2]", UNKNOWN),
    ("seen = {'a': 1, **load()}['a']", UNKNOWN),
    ("seen = {'a': 1, **load()}.get('b', 5)", UNKNOWN),
    ("seen = {**load(), 'a': 1}['a']", 1),
    ("seen = [*load(), 1][0]", UNKNOWN),
    ("seen = [1, *load()][0]", 1),
    ("seen = [1, *load()][1]", UNKNOWN),
    ("seen = [*load(), 1][-1]", 1),
    ("seen = len([1, *load()])", UNKNOWN),
    ("a = [1, 2]\na[load()] = 5\nseen = a[0]", UNKNOWN),
    ("a = [1, 2]\na.extend(load())\nseen = a[1]", 2),
    ("a = [1, 2]\na.extend(load())\na.append(3)\nseen = a[2]", UNKNOWN),
    ("a = [1, 2]\na.pop(load())\nseen = a[0]", UNKNOWN),
    ("a = [1, 2]\ndel a[0]\nseen = a[0]", 2),
    ("seen = 1 if [] else 2", 2),
    ("seen = 1 if (0,) else 2", 1),
    ("seen = 1 if 'b' in ['a', 'b'] else 2", 1),
    ("seen = 1 if 'c' not in ('a', 'b') else 2", 1),
    ("seen = 1 if 'a' in {'a': 0} else 2", 1),
]

UNPACKING = [
    ("a, b = [1, 2]\nseen = b", 2),
    ("(a, b), c = (1, 2), 3\nseen = b", 2),
    ("[a, (b, c)] = 1, [2, 3]\nseen = c", 3),
    ("a, *b = 1, 2, 3\nseen = b[1]", 3),
    ("*a, b = 1, 2, 3\nseen = b", 3),
    ("a, *b, c = 1, 2, 3, 4\nseen = len(b)", 2),
    ("a, *b, c = 1, 2\nseen = len(b)", 0),
    ("a, *_, b, c = [1, *load()]\nseen = a", 1),
    ("a, *_, b, c = [1, *load()]\nseen = b", UNKNOWN),
    ("*_, a, b = [*load(), 2]\nseen = b", 2),
    ("*_, a, b = [*load(), 2]\nseen = a", UNKNOWN),
    ("a, *b = {**load(), 3: 1}\nseen = a", UNKNOWN),
    ("*a, b = {name: 1 for name in load()}\nseen = len(a)", UNKNOWN),
    ("a, *b = load()\nseen = a", UNKNOWN),
    ("a, b = load()\nseen = b", UNKNOWN),
    ("*a, b = [1, 2, *load()]\nseen = b", UNKNOWN),
    ("*a, b = [*load(), 1, 2]\nseen = b", 2),
    ("a, *b = [1, 2, *load()]\nseen = a", 1),
    ("a, *b = [1, 2, *load()]\nseen = len(b)", UNKNOWN),
    ("a, b = [1, *load()]\nseen = a", 1),
    ("a, b = 1, 2, 3\nseen = a", UNKNOWN),
    ("for a, b in [(1, 2)]:\n    seen = b", 2),
    ("for i, (a, b) in enumerate([(1, 2)]):\n    seen = b", 2),
    ("a = b = c = [1]\na.append(2)\nseen = len(c)", 2),
    ("d = {'a': 0}\nd['a'], x = 3, 4\nseen = d['a']", 3),
    ("a, b = {'x': 1, 'y': 2}\nseen = b", "y"),
    ("a, b = 'xy'\nseen = b", "y"),
]

COMPREHENSIONS = [
    ("seen = [i * 2 for i in (1, 2, 3)][2]", 6),
    ("seen = len([i for i in range(5) if i % 2])", 2),
    ("seen = len([0 for i in range(2) for j in range(3)])", 6),
    ("seen = [(i, j) for i in (1, 2) for j in 'ab'][3][1]", "b"),
    ("seen = {i: i * i for i in (1, 2, 3)}[3]", 9),
    ("seen = len({i % 2 for i in range(5)})", 2),
    ("seen = sum(i for i in (1, 2))", 3),
    ("seen = list(i for i in (1, 2))[1]", 2),
    ("seen = len([i for i in load()])", UNKNOWN),
    ("seen = [i for i in (1, 2) if load()][0]", UNKNOWN),
    ("i = 5\n[i for i in (1, 2)]\nseen = i", 5),
    ("[last := i for i in (1, 2)]\nseen = last", 2),
    ("seen = {k: v for k, v in load()}['a']", UNKNOWN),
    ("seen = len([i for i in range(1000)])", UNKNOWN),
    ("seen = [x for row in [[1, 2], [3]] for x in row][2]", 3),
    ("seen = [[0] * 2 for _ in range(3)][2][1]", 0),
    ("seen = [f'b{i}' for i in range(3)][1]", "b1"),
]

FUNCTIONS = [
    ("def f():\n    return 3\nseen = f()", 3),
    ("def f(n):\n    return n + 1\nseen = f(2)", 3),
    ("def f(n=4):\n    return n\nseen = f()", 4),
    ("def f(n=4):\n    return n\nseen = f(n=5)", 5),
    ("def f(a, /, b, *, c=7):\n    return a + b + c\nseen = f(1, 2)", 10),
    ("def f(*, c):\n    return c\nseen = f(c=2)", 2),
    ("def f(*args):\n    return args[1]\nseen = f(1, 2)", 2),
    ("def f(a, *args):\n    return len(args)\nseen = f(1, 2, 3)", 2),
    ("def f(**kwargs):\n    return kwargs['n']\nseen = f(n=2)", 2),
    ("def f(a, **kwargs):\n    return kwargs.get('n', 9)\nseen = f(a=2)", 9),
    ("def g(n, m):\n    return n * 10 + m\ndef f(*a, **k):\n    return g(*a, **k)\nseen = f(1, m=2)", 12),
    ("def f(a, b):\n    return b\nseen = f(*[1, 2])", 2),
    ("def f(a, b):\n    return b\nseen = f(**{'a': 1, 'b': 2})", 2),
    ("def f(a, b=3):\n    return b\nseen = f(*load())", UNKNOWN),
    ("def f(a, b=3):\n    return b\nseen = f(1, **load())", UNKNOWN),
    ("def f(a, b=3):\n    return a\nseen = f(1, **load())", 1),
    ("def f(a, b=3):\n    return a\nseen = f(*load(), 1)", UNKNOWN),
    ("def f(a, b=3):\n    return b\nseen = f(*[1, *load()], 5)", UNKNOWN),
    ("def f(*args):\n    return args[0]\nseen = f(*load(), 1)", UNKNOWN),
    ("def f(n):\n    pass\nseen = 1 if f(2) is None else 2", 1),
    ("def f():\n    return 1, 2\na, seen = f()", 2),
    ("def f(n):\n    if n > 2:\n        return 1\n    return 2\nseen = f(3)", 1),
    ("def f(n):\n    if n > 2:\n        return 1\n    else:\n        return 2\nseen = f(1)", 2),
    ("def f():\n    return 1\n    return 2\nseen = f()", 1),
    ("def f():\n    for i in (1, 2, 3):\n        if i == 2:\n            return i\nseen = f()", 2),
    ("def f(n):\n    n = n + 1\n    return n\nn = 5\nf(n)\nseen = n", 5),
    ("def f(a):\n    a.append(3)\na = [1]\nf(a)\nseen = len(a)", 2),
    ("n = 3\ndef f():\n    return n\nn = 4\nseen = f()", 4),
    ("def f(n):\n    def g():\n        return n * 2\n    return g\nseen = f(3)()", 6),
    ("def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 5\n    g()\n    return n\nseen = f()", 5),
    ("def f():\n    n = 1\n    def g():\n        n = 5\n    g()\n    return n\nseen = f()", 1),
    ("n = 1\ndef f():\n    global n\n    n = 6\nf()\nseen = n", 6),
    ("n = 1\ndef f():\n    n = 6\nf()\nseen = n", 1),
    ("seen = (lambda n, m=2: n + m)(1)", 3),
    ("f = lambda *a: a[-1]\nseen = f(1, 2)", 2),
    ("fs = [lambda: 1, lambda: 2]\nseen = fs[1]()", 2),
    ("fs = {'a': lambda n: n + 1}\nseen = fs['a'](4)", 5),
    ("seen = list(map(lambda n: n * 2, [1, 2]))[1]", 4),
    ("from functools import partial\ndef f(a, b):\n    return a * 10 + b\nseen = partial(f, 1)(2)", 12),
    ("from functools import partial\ndef f(a, b):\n    return a * 10 + b\nseen = partial(f, b=1)(2)", 21),
    ("def f(n):\n    return 1 if n <= 1 else n * f(n - 1)\nseen = f(2)", 2),
    ("def f(n):\n    return 1 if n <= 1 else n * f(n - 1)\nseen = f(9)", UNKNOWN),
    ("def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nseen = f(9)", UNKNOWN),
    ("def f():\n    return f\nseen = f()()", UNKNOWN),
    ("def f(n=[]):\n    n.append(1)\n    return n\nseen = len(f())", 1),
    ("def f():\n    yield 4\nfor seen in f():\n    pass", 4),
    ("def f():\n    yield 4\n    yield 5\nseen = next(f())", 4),
    ("def f():\n    yield 4\n    yield 5\ng = f()\nnext(g)\nseen = next(g)", 5),
    ("def f():\n    yield from [4]\nseen = len(list(f()))", 1),
    ("def f():\n    yield from load()\nseen = len(list(f()))", UNKNOWN),
    ("def f():\n    while True:\n        yield 4\nseen = next(f())", 4),
    ("def f():\n    while True:\n        yield 4\nseen = len(list(f()))", UNKNOWN),
    ("def f():\n    if load():\n        yield 4\n    yield 5\nseen = len(list(f()))", UNKNOWN),
    ("def f():\n    '''Text.'''\n    return 2\nseen = f()", 2),
    ("def f(n: int = 2) -> int:\n    return n\nseen = f()", 2),
    ("async def f():\n    return 2\nasync def g():\n    return await f()\nseen = 1", 1),
    ("@keep\ndef f():\n    return 2\nseen = f()", 2),
    ("import functools\n@functools.lru_cache(maxsize=None)\ndef f():\n    return 2\nseen = f()", 2),
    (
        "def twice(f):\n    def inner():\n        return f() * 2\n    return inner\n@twice\n"
        "def f():\n    return 2\nseen = f()",
        4,
    ),
    ("def f():\n    raise ValueError\nf()\nseen = 2", 2),
    ("def f(n):\n    if n:\n        raise ValueError\n    return 3\nseen = f(load())", 3),
    ("def f(n):\n    assert n\n    return 3\nseen = f(load())", 3),
    ("def f(x):\n    return unknown(x)\nseen = f(1)", UNKNOWN),
    ("print(1)\nseen = 1 if print(2) is None else 2", 1),
]

CLASSES = [
    ("class A:\n    n = 3\nseen = A.n", 3),
    ("class A:\n    n = 3\nseen = A().n", 3),
    ("class A:\n    def __init__(self, n):\n        self.n = n\nseen = A(4).n", 4),
    ("class A:\n    def f(self, n):\n        return n + 1\nseen = A().f(2)", 3),
    ("class A:\n    n = 1\n    def f(self):\n        return self.n\na = A()\na.n = 5\nseen = a.f()", 5),
    ("class A:\n    n = 1\na = A()\na.n = 5\nseen = A.n", 1),
    ("class A:\n    n = 1\na = A()\nA.n = 5\nseen = a.n", 5),
    ("class A:\n    @staticmethod\n    def f(n):\n        return n\nseen = A.f(2) + A().f(3)", 5),
    ("class A:\n    n = 4\n    @classmethod\n    def f(cls):\n        return cls.n\nseen = A.f()", 4),
    ("class A:\n    n = 4\n    @classmethod\n    def f(cls):\n        return cls.n\nseen = A().f()", 4),
    ("class A:\n    @property\n    def n(self):\n        return 4\nseen = A().n", 4),
    (
        "class A:\n    @property\n    def n(self):\n        return self._n\n"
        "    @n.setter\n    def n(self, n):\n        self._n = n\n"
        "a = A()\na._n = 3\nseen = a.n",
        3,
    ),
    ("class A:\n    def n(self):\n        return 1\nclass B(A):\n    pass\nseen = B().n()", 1),
    (
        "class A:\n    def n(self):\n        return 1\nclass B(A):\n    def n(self):\n        return 2\nseen = B().n()",
        2,
    ),
    (
        "class A:\n    def n(self):\n        return 1\nclass B(A):\n    def n(self):\n"
        "        return super().n() + 1\nseen = B().n()",
        2,
    ),
    (
        "class A:\n    def __init__(self, n):\n        self.n = n\nclass B(A):\n"
        "    def __init__(self):\n        super().__init__(7)\n"
        "seen = B().n",
        7,
    ),
    (
        "class A:\n    def __init__(self, n):\n        self.n = n\nclass B(A):\n"
        "    def __init__(self):\n        A.__init__(self, 7)\n"
        "seen = B().n",
        7,
    ),
    (
        "class A:\n    def __init__(self, n):\n        self.n = n\nclass B(A):\n"
        "    def __init__(self):\n        super(B, self).__init__(7)\n"
        "seen = B().n",
        7,
    ),
    ("class A:\n    def __call__(self, n):\n        return n + 1\nseen = A()(2)", 3),
    ("class A:\n    def f(self):\n        self.n = 2\n        return self\nseen = A().f().n", 2),
    ("class A:\n    n = 2\n    m = n + 1\nseen = A.m", 3),
    ("n = 1\nclass A:\n    n = 2\n    def f(self):\n        return n\nseen = A().f()", 1),
    ("class A:\n    class B:\n        n = 2\nseen = A.B.n", 2),
    ("class A:\n    sizes = {'a': 2}\nseen = A.sizes['a']", 2),
    ("class A:\n    pass\na = A()\nsetattr(a, 'n', 3)\nseen = getattr(a, 'n')", 3),
    ("class A:\n    pass\na = A()\nseen = getattr(a, 'n', 3)", 3),
    ("class A:\n    pass\nseen = A().n", UNKNOWN),
    ("class A(load()):\n    n = 3\nseen = A().n", 3),
    ("class A(load()):\n    pass\nseen = getattr(A(), 'n', 3)", UNKNOWN),
    ("class A:\n    pass\nseen = 1 if isinstance(A(), A) else 2", 1),
    ("class A:\n    pass\nclass B(A):\n    pass\nseen = 1 if isinstance(B(), A) else 2", 1),
    ("class A:\n    pass\nclass B:\n    pass\nseen = 1 if isinstance(B(), A) else 2", 2),
    ("seen = 1 if isinstance('a', str) else 2", 1),
    ("seen = 1 if isinstance([], (list, tuple)) else 2", 1),
    ("seen = 1 if isinstance(layers.Dense(1), keras.layers.Layer) else 2", 1),
    ("seen = 1 if isinstance(layers.Dense(1), keras.layers.Flatten) else 2", 2),
    ("seen = 1 if isinstance(keras.losses.Huber(), keras.losses.Loss) else 2", 1),
    ("seen = 1 if isinstance(layers.LSTM(2), keras.layers.RNN) else 2", UNKNOWN),
    ("from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int = 3\nseen = A().n", 3),
    (
        "class A:\n    def __init__(self):\n        self.n = 1\n        self.grow()\n"
        "    def grow(self):\n        self.n += 4\nseen = A().n",
        5,
    ),
    ("class A:\n    def f(self):\n        return self.f()\nseen = A().f()", UNKNOWN),
    ("class A:\n    def __init__(self):\n        self.a = A()\nseen = A().n", UNKNOWN),
    ("class A(A):\n    n = 1\nseen = A.n", 1),
]

LOOPS = [
    ("seen = 0\nfor i in (1, 2, 3):\n    seen += i", 6),
    ("seen = 0\nfor i in range(4):\n    seen = i", 3),
    ("a = []\nfor i in range(3):\n    a.append(i)\nseen = len(a)", 3),
    ("for n in [2, 4]:\n    pass\nseen = n", 4),
    ("seen = 0\nfor i in range(3):\n    for j in range(2):\n        seen += 1", 6),
    ("seen = 0\nfor i in (1, 2, 3):\n    if i == 2:\n        continue\n    seen += i", 4),
    ("seen = 0\nfor i in (1, 2, 3):\n    if i == 2:\n        break\n    seen += i", 1),
    ("seen = 0\nfor i in (1, 2):\n    pass\nelse:\n    seen = 5", 5),
    ("seen = 0\nfor i in (1, 2):\n    break\nelse:\n    seen = 5", 0),
    ("seen = 0\nfor i in ():\n    seen = 5", 0),
    ("seen = 0\nwhile seen < 5:\n    seen += 2", 6),
    ("seen = 0\nwhile True:\n    seen += 1\n    if seen == 3:\n        break", UNKNOWN),
    ("seen = 0\nwhile False:\n    seen = 1", 0),
    ("seen = 0\nwhile seen < 2:\n    seen += 1\nelse:\n    seen = 9", 9),
    ("seen = 0\nfor i in range(1000):\n    seen += 1", UNKNOWN),
    ("seen = 0\nwhile seen < 1000:\n    seen += 1", UNKNOWN),
    ("seen = 0\nfor i in load():\n    seen += 1", UNKNOWN),
    ("seen = 3\nfor i in load():\n    pass", 3),
    ("seen = 0\nwhile load():\n    seen += 1", UNKNOWN),
    ("seen = 3\nwhile load():\n    pass", 3),
    ("a = []\nfor i in range(1000):\n    a.append(i)\nseen = a[1]", 1),
    # the last turn that is followed stands for all later ones
    ("a = []\nfor i in range(1000):\n    a.append(i)\nseen = a[2]", UNKNOWN),
    ("a = []\nfor i in range(1000):\n    a.append(i)\nseen = len(a)", UNKNOWN),
    ("a = []\nfor i in range(1000):\n    a.append(i)\na.append(7)\nseen = a[-1]", 7),
    ("a = []\nfor i in load():\n    a.append(i)\nseen = len(a)", UNKNOWN),
    ("a = []\nwhile load():\n    a.append(1)\nseen = len(a)", UNKNOWN),
    ("a = [5]\nfor i in load():\n    a.append(i)\nseen = a[0]", 5),
    ("a = [5]\nfor i in load():\n    a.append(i)\na.append(1)\nseen = a[2]", UNKNOWN),
    ("d = {}\nfor k in load():\n    d[k] = 1\nseen = d['a']", UNKNOWN),
    ("d = {}\nfor k in load():\n    d['a'] = 1\nseen = d.get('b', 2)", UNKNOWN),
    ("seen = 0\nfor i in [1, *load()]:\n    seen = i", UNKNOWN),
    ("for i, a in enumerate('ab', 1):\n    seen = i", 2),
    ("for a, b in zip([1, 2], [3, 4]):\n    seen = a + b", 6),
    ("for k, v in {'a': 4}.items():\n    seen = v", 4),
    ("for k in {'a': 4}:\n    seen = k", "a"),
    ("def f():\n    for i in (1, 2):\n        return i\nseen = f()", 1),
    ("def f():\n    while True:\n        return 2\nseen = f()", 2),
    ("seen = 0\nfor i in (1, 2):\n    try:\n        continue\n    finally:\n        seen += 1", 2),
]

STATEMENTS = [
    ("try:\n    import keras\nexcept ImportError:\n    seen = 1\nelse:\n    seen = 2", 2),
    ("try:\n    seen = 1\nexcept ValueError:\n    seen = 2", 1),
    ("try:\n    pass\nfinally:\n    seen = 3", 3),
    ("try:\n    raise ValueError\nexcept ValueError:\n    seen = 2", 2),
    ("try:\n    raise ValueError\nexcept ValueError as e:\n    seen = 2", 2),
    ("def f():\n    try:\n        return 1\n    finally:\n        pass\nseen = f()", 1),
    ("try:\n    from fast import size\nexcept ImportError:\n    size = 2\nseen = size", UNKNOWN),
    ("with open('a') as f:\n    seen = 4", 4),
    ("with open('a') as f, open('b') as g:\n    seen = 4", 4),
    ("with keras.name_scope('a'):\n    seen = 4", 4),
    ("match 2:\n    case 1:\n        seen = 1\n    case 2:\n        seen = 5", 5),
    ("match 'b':\n    case 'a' | 'b':\n        seen = 1\n    case _:\n        seen = 2", 1),
    ("match 7:\n    case 1:\n        seen = 1\n    case _:\n        seen = 2", 2),
    ("match 7:\n    case n:\n        seen = n", 7),
    ("match 7:\n    case n if n > 8:\n        seen = 1\n    case n:\n        seen = 2", 2),
    ("match 7:\n    case 7 if False:\n        seen = 1\n    case _:\n        seen = 2", 2),
    ("match None:\n    case None:\n        seen = 1\n    case _:\n        seen = 2", 1),
    ("match 7:\n    case 1 | 7 as n:\n        seen = n", 7),
    ("match (1, 2):\n    case (a, b):\n        seen = b", UNKNOWN),
    ("if (n := 4) > 3:\n    seen = n", 4),
    ("seen = (n := 4) + n", 8),
    ("if __name__ == '__main__':\n    seen = 2", 2),
    ("if __name__ != '__main__':\n    seen = 2\nelse:\n    seen = 3", 3),
    ("def main():\n    global seen\n    seen = 2\nif __name__ == '__main__':\n    main()", 2),
    ("seen = 1 if True and 1 else 2", 1),
    ("seen = 0 or 5", 5),
    ("seen = None or 'a'", "a"),
    ("seen = 3 and 4", 4),
    ("seen = 0 and 4", 0),
    ("seen = 1 if not 0 else 2", 1),
    ("seen = 1 if 1 < 2 < 3 else 2", 1),
    ("seen = 1 if 1 < 3 < 3 else 2", 2),
    ("seen = 1 if None is None else 2", 1),
    ("seen = 1 if 'a' is not None else 2", 1),
    ("seen = 1 if 2 != 2 else 2", 2),
    ("seen = 1 if (1, 'a') == (1, 'a') else 2", 1),
    ("seen = 1 if [1] == [1] else 2", UNKNOWN),
    ("if True: seen = 1", 1),
    ("x = 1; seen = 2", 2),
    ("seen = 1\nif load():\n    seen = 2\n    sys.exit(1)", 1),
    (
        "def f(n):\n    if n > 2:\n        exit()\n    return n\nseen = f(load())\n"
        "if seen > 2:\n    seen = 1\nelse:\n    seen = 2",
        2,
    ),
    ("lambda: (yield)\nseen = 1", 1),
]


@pytest.mark.parametrize(
    ("program", "value"),
    [
        *CONSTANTS,
        *FORMATTED,
        *CONTAINERS,
        *UNPACKING,
        *COMPREHENSIONS,
        *FUNCTIONS,
        *CLASSES,
        *LOOPS,
        *STATEMENTS,
    ],
)
def test_what_a_program_computes(program: str, value: object) -> None:
    compile(program, "train.py", "exec")
    assert seen(program) == value


@pytest.mark.parametrize("program", FOLDING_HAS_LIMITS, ids=lambda program: program[:40])
def test_what_would_take_too_long_or_cannot_be_is_not_known(program: str) -> None:
    assert seen(program) is UNKNOWN
