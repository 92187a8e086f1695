"""Programs for TensorFlow 1 are known by names that TensorFlow 2 does not have."""

from functools import reduce

import pytest

from keraslint.source import Source
from keraslint.static.library.runtimes import TENSORFLOW_1
from keraslint.static.recovery import recover

MODEL = """
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile("adam", "mse")
"""
PROGRAMS = {
    "session": ("import keras\nimport tensorflow as tf\nkeras.backend.set_session(tf.Session())", "2.3", "1.15"),
    "eager": ("import tensorflow as tf\nfrom tensorflow import keras\ntf.enable_eager_execution()", None, "1.15"),
    "contrib in a branch": (
        "import tensorflow as tf\nfrom tensorflow import keras\n"
        "def norm(x, name):\n    if name == 'group':\n        return tf.contrib.layers.group_norm(x)\n    return x",
        None,
        "1.15",
    ),
    "compat": ("import tensorflow.compat.v1 as tf\nfrom tensorflow import keras\ntf.Session()", None, None),
    "compat by attribute": (
        "import tensorflow as tf\nfrom tensorflow import keras\ntf.compat.v1.Session()",
        None,
        None,
    ),
    "one of two": (
        "try:\n    import tensorflow.compat.v1 as tf\nexcept ImportError:\n    import tensorflow as tf\n"
        "from tensorflow import keras\ntf.Session()",
        None,
        None,
    ),
    "attempted": (
        "import keras\nimport tensorflow as tf\n"
        "try:\n    keras.backend.set_session(tf.Session())\nexcept AttributeError:\n    pass",
        None,
        None,
    ),
    "asked for": ("import keras\nimport tensorflow as tf\nif hasattr(tf, 'Session'):\n    tf.Session()", None, None),
    "some versions": (
        "import keras\nimport tensorflow as tf\nif tf.__version__.startswith('1.'):\n    tf.contrib.layers",
        None,
        None,
    ),
}


@pytest.mark.parametrize(("text", "keras", "tensorflow"), PROGRAMS.values(), ids=PROGRAMS)
def test_which_tensorflow_a_program_is_for(text: str, keras: str | None, tensorflow: str | None) -> None:
    runtime = recover(Source.from_bytes("train.py", (text + MODEL).encode())).models[0].runtime

    assert (runtime.keras.value if runtime.keras else None) == keras
    assert (runtime.tensorflow.value if runtime.tensorflow else None) == tensorflow


def test_tensorflow_2_has_none_of_these_names() -> None:
    tensorflow = pytest.importorskip("tensorflow")

    def there(path: str) -> bool:
        try:
            reduce(getattr, path.split(".")[1:], tensorflow)
        except AttributeError:
            return False
        return True

    assert [path for path in sorted(TENSORFLOW_1) if there(path)] == []
