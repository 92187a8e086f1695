"""Small programs with something odd in them, and odd words: where a search starts, beside the fixtures."""

from __future__ import annotations

PROGRAMS = (
    "",
    "m = keras.Sequential()\nm.add(m)\nm.compile(loss=m)\n",
    "a = b = a = keras.Sequential([*a, *b])\na.compile(**a)\n",
    "def f(): return f()\nf().compile(loss=f)\n",
    "class C(keras.Model):\n def __init__(self): self.d = C()\n def call(self, x): return self.call(self.d(x))\n"
    "C().compile('sgd', 'mse')\n",
    "x = keras.Input(())\nkeras.Model([x, [x]], {'a': x, 'b': (x,)}).compile(loss={'a': 'mse', 'c': None})\n",
    "m = keras.Sequential([keras.layers.Dense(-1), keras.layers.Dense(10**400), keras.layers.Dense(1e400)])\n"
    "m.compile(loss='mse', metrics=[[], [[]], {}])\n",
    "exec('m')\nglobals()['m'] = 1\nm.fit(*m, **m)\n",
    "m = (lambda *a, **k: keras.Sequential(*a, **k))([keras.layers.Dense(1, 'softmax')])\nm.compile('sgd', 'mse')\n",
    "for m in (m := [keras.Sequential([keras.layers.Dense(units)]) for units in range(3)]): m.compile(loss='mse')\n",
    "match m:\n case keras.Sequential(a=[*_, x]) | {'b': x, **r} if x: m.compile(x)\n case _: pass\n",
    "try:\n m = keras.Sequential()\nexcept* E as m:\n del m\nfinally:\n m.compile(loss='mse')\n",
    "async def f():\n async with m as n, n as m: await m.compile(loss=[x async for x in m])\n",
    "m = keras.Sequential([keras.layers.Dense(1, activation='soft' 'max')]);m.compile(  \n\n "
    " 'sgd', (  # keraslint: ignore\n'mse'\n))\n",
    "# keraslint: ignore[softmax-over-one-unit, *, ,]\n# keraslint: ignore-file\n",
    "'\\N{DASH}' '\\x' b'\\400'\nm = keras.layers.Dense(0x_1, 1_0j, 0o7, 1__0)\n",
    "\tm = keras.Sequential(\\\n[\\\n\tkeras.layers.Dense(1\\\n)])\r\n\tm.compile(loss='mse')\r",
    "\uff4d = keras.Sequential([keras.layers.Dense(1, activation='\uff53oftmax')])\nm.compile(loss='\u2028mse')\n",
    "import tensorflow as tf; s = tf.Variable(1.); s = tf.nn.softmax(s[..., None, ::-1, *s])\n",
    "model.compile(loss='binary_crossentropy'[::-1], optimizer=model.compile, metrics=model.metrics)\n",
    "y = keras.utils.to_categorical(y, y)[y][y:y, y]\nm.fit(y, y, validation_data=(y, y, y, y), class_weight=y)\n",
)

WORDS = (
    *("keras", "layers", "model", "x", "y", "self", "None", "True", "super()", "global", "nonlocal", "del", "lambda"),
    *(
        "'softmax'",
        "'sigmoid'",
        "'mse'",
        "'binary_crossentropy'",
        "'accuracy'",
        "activation",
        "loss",
        "metrics",
        "axis",
    ),
    *("units", "from_logits", "0", "-1", "1", "10**9", "1e9999", "1.5", "nan", "[]", "{}", "()", "...", "''", "b''"),
    *("(", ")", "[", "]", "{", "}", ",", ":", ";", "=", "==", ":=", "*", "**", "@", ".", "->", "\\\n", "#", "'", '"'),
    *("if", "else", "for", "in", "return", "yield", "await", "not", "is", "import", "from", "as", "with", "async"),
    *("compile", "fit", "predict", "evaluate", "add", "call", "build", "Dense", "Softmax()", "Sequential", "Model"),
    *("\n", "\n    ", "\n\t", "\r", "\f", "\ufeff", "\u2028", "\0", "\ud800", "é", "字", '"""', "f'{", "!r}", "%s"),
)
