"""One name for everything: the paths that programs write, and the paths that Keras itself gives its things."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keraslint.static.catalog import functions, layers, losses, metrics, optimizers
from keraslint.static.names import canonical, package, star_members

SAME: dict[str, str] = {
    "keras.layers.Dense": """
        tensorflow.keras.layers.Dense tensorflow.python.keras.layers.Dense tensorflow.compat.v1.keras.layers.Dense
        tensorflow.compat.v2.keras.layers.Dense tensorflow._api.v2.compat.v1.keras.layers.Dense
        tensorflow.contrib.keras.layers.Dense tensorflow.contrib.keras.api.keras.layers.Dense
        tensorflow.contrib.keras.python.keras.layers.Dense tensorflow_core.keras.layers.Dense tf_keras.layers.Dense
        tensorflow_core.python.keras.layers.core.Dense tf_keras.src.layers.core.dense.Dense keras.api.layers.Dense
        tf_keras.api._v2.keras.layers.Dense keras.api._v2.keras.layers.Dense keras.src.layers.Dense
        keras.src.layers.core.dense.Dense keras._tf_keras.keras.layers.Dense keras_core.layers.Dense
        keras.api._tf_keras.keras.layers.Dense keras.layers.core.Dense tensorflow.python.keras.layers.core.Dense
    """,
    "keras.layers.Conv2D": "keras.layers.convolutional.Conv2D tensorflow.keras.layers.convolutional.conv2d.Conv2D",
    "keras.layers.Convolution2D": "keras.layers.convolutional.Convolution2D tensorflow.keras.layers.Convolution2D",
    "keras.layers.LeakyReLU": "keras.layers.advanced_activations.LeakyReLU keras.layers.activation.LeakyReLU",
    "keras.layers.BatchNormalization": """
        keras.layers.normalization.BatchNormalization tensorflow.keras.layers.BatchNormalization
        keras.layers.normalization.batch_normalization.BatchNormalization tensorflow.layers.BatchNormalization
    """,
    "keras.layers.concatenate": "keras.layers.merge.concatenate keras.src.layers.merging.concatenate.concatenate",
    "keras.layers.Rescaling": """
        keras.layers.experimental.preprocessing.Rescaling tensorflow.keras.layers.experimental.preprocessing.Rescaling
    """,
    "keras.layers.CuDNNLSTM": "tensorflow.compat.v1.keras.layers.CuDNNLSTM keras.layers.cudnn_recurrent.CuDNNLSTM",
    "keras.layers.Layer": """
        keras.Layer keras.engine.topology.Layer keras.engine.base_layer.Layer keras.engine.Layer
        tensorflow.python.keras.engine.base_layer.Layer keras.src.layers.layer.Layer tensorflow.keras.layers.Layer
    """,
    "keras.Input": """
        keras.layers.Input keras.engine.Input keras.engine.topology.Input keras.engine.input_layer.Input
        tensorflow.keras.Input tensorflow.keras.layers.Input keras.models.Input keras.src.layers.core.input_layer.Input
    """,
    "keras.Model": """
        keras.models.Model keras.engine.Model keras.engine.training.Model keras.models.Functional tensorflow.keras.Model
        keras.engine.functional.Functional keras.src.models.model.Model keras.src.models.functional.Functional
        tensorflow.python.keras.engine.training.Model tf_keras.src.engine.training.Model
    """,
    "keras.Sequential": """
        keras.models.Sequential keras.engine.sequential.Sequential tensorflow.keras.models.Sequential
        tensorflow.keras.Sequential keras.src.models.sequential.Sequential
    """,
    "keras.losses.MeanSquaredError": "tensorflow.losses.MeanSquaredError tensorflow.keras.losses.MeanSquaredError",
    "keras.losses.mse": "keras.objectives.mse tensorflow.keras.losses.mse tensorflow.losses.mse",
    "keras.losses.huber": "tensorflow.losses.huber keras.src.losses.losses.huber",
    "keras.metrics.AUC": "tensorflow.metrics.AUC keras.src.metrics.confusion_metrics.AUC",
    "keras.metrics.categorical_crossentropy": "tensorflow.keras.metrics.categorical_crossentropy",
    "keras.optimizers.Adam": """
        tensorflow.optimizers.Adam keras.optimizers.adam.Adam keras.optimizers.adam_v2.Adam
        tensorflow.python.keras.optimizer_v2.adam.Adam keras.optimizers.optimizer_v2.adam.Adam
        tensorflow.keras.optimizers.experimental.Adam keras.optimizer_v2.adam.Adam
    """,
    "keras.optimizers.legacy.Adam": "tensorflow.keras.optimizers.legacy.Adam tf_keras.optimizers.legacy.Adam",
    "keras.optimizers.schedules.ExponentialDecay": """
        tensorflow.optimizers.schedules.ExponentialDecay
        keras.optimizers.schedules.learning_rate_schedule.ExponentialDecay
    """,
    "keras.initializers.he_normal": "tensorflow.initializers.he_normal tensorflow.keras.initializers.he_normal",
    "keras.activations.softmax": "keras.src.activations.activations.softmax tensorflow.keras.activations.softmax",
    "keras.backend.exp": "tensorflow.keras.backend.exp keras.backend.tensorflow_backend.exp tf_keras.backend.exp",
    "keras.utils.to_categorical": """
        keras.utils.np_utils.to_categorical tensorflow.keras.utils.to_categorical
        tensorflow.python.keras.utils.np_utils.to_categorical keras.src.utils.numerical_utils.to_categorical
    """,
    "keras.utils.plot_model": "keras.utils.vis_utils.plot_model",
    "keras.utils.pad_sequences": """
        keras.preprocessing.sequence.pad_sequences tensorflow.keras.preprocessing.sequence.pad_sequences
        keras_preprocessing.sequence.pad_sequences
    """,
    "keras.utils.image_dataset_from_directory": """
        keras.preprocessing.image_dataset_from_directory
        tensorflow.keras.preprocessing.image_dataset.image_dataset_from_directory
    """,
    "keras.preprocessing.image.ImageDataGenerator": """
        tensorflow.keras.preprocessing.image.ImageDataGenerator keras_preprocessing.image.ImageDataGenerator
        keras.src.legacy.preprocessing.image.ImageDataGenerator
    """,
    "keras.applications.ResNet50": """
        keras.applications.resnet50.ResNet50 tensorflow.keras.applications.resnet.ResNet50
        tensorflow.keras.applications.ResNet50 keras_applications.resnet50.ResNet50
    """,
    "keras.applications.resnet50.preprocess_input": "tensorflow.keras.applications.resnet50.preprocess_input",
    "keras.datasets.mnist.load_data": "tensorflow.keras.datasets.mnist.load_data keras.src.datasets.mnist.load_data",
    "keras.models.load_model": "keras.saving.load_model tensorflow.keras.models.load_model",
    "keras.ops.softmax": "keras.ops.nn.softmax keras.src.ops.nn.softmax",
    "keras.ops.sum": "keras.ops.numpy.sum",
    "tensorflow.exp": "tensorflow.math.exp tensorflow.compat.v1.exp tensorflow.compat.v1.math.exp",
    "tensorflow.log": "tensorflow.math.log tensorflow.compat.v1.log",
    "tensorflow.reduce_sum": "tensorflow.math.reduce_sum tensorflow.compat.v1.reduce_sum",
    "tensorflow.sigmoid": "tensorflow.nn.sigmoid tensorflow.math.sigmoid",
    "tensorflow.nn.softmax": "tensorflow.math.softmax tensorflow.compat.v1.nn.softmax",
    "tensorflow.matmul": "tensorflow.linalg.matmul",
    "tensorflow.losses.softmax_cross_entropy": "tensorflow.compat.v1.losses.softmax_cross_entropy",
    "tensorflow.losses.mean_squared_error": "tensorflow.compat.v1.losses.mean_squared_error",
    "tensorflow.layers.dense": "tensorflow.compat.v1.layers.dense",
    "tensorflow.train.AdamOptimizer": "tensorflow.compat.v1.train.AdamOptimizer",
    "keras": "tensorflow.keras tf_keras keras.api tensorflow.python.keras keras._tf_keras.keras",
    "keras.layers": "tensorflow.keras.layers tf_keras.layers keras.src.layers",
    "keras.losses": "keras.objectives",
    "tensorflow": "tensorflow.compat.v1 tensorflow.compat.v2",
}

PAIRS = [(path, name) for name, text in SAME.items() for path in (name, *text.split())]


@pytest.mark.parametrize(("path", "name"), PAIRS)
def test_paths_have_one_name(path: str, name: str) -> None:
    assert canonical(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "numpy.exp",
        "foo.bar",
        "kerastuner.Tuner",
        "keras_tuner.RandomSearch",
        "tensorflow_addons.losses.SigmoidFocalCrossEntropy",
        "segmentation_models.losses.DiceLoss",
        "keras.layers.Dense.from_config",
        "keras.layers.NoSuchLayer",
        "keras.layers.core.NoSuchLayer",
        "keras.utils.np_utils.probas_to_classes",
        "keras.wrappers.scikit_learn.KerasClassifier",
        "tensorflow.data.Dataset",
        "tensorflow.metrics.accuracy",
        "tensorflow.nn.relu",
        "tensorflow.layers.dense",
        "sklearn.datasets.load_iris",
    ],
)
def test_what_is_not_known_stays_as_it_is(path: str) -> None:
    assert canonical(path) == path


# Without the one module here that has the name of its function.
MODULES = sorted({path.rpartition(".")[0] for path, _ in PAIRS} - {"", "keras.src.layers.merging.concatenate"})
MEMBERS = sorted({path.rpartition(".")[2] for path, _ in PAIRS} | {"NoSuchLayer", "no_such_function"})


@pytest.mark.parametrize("module", MODULES)
def test_naming_step_by_step_gives_the_same(module: str) -> None:
    """The interpreter names a module first and its member later."""
    for member in MEMBERS:
        step = ""
        for piece in (*module.split("."), member):
            step = canonical(f"{step}.{piece}" if step else piece)
        assert step == canonical(f"{module}.{member}"), member
        assert canonical(step) == step


@given(st.lists(st.sampled_from("keras tensorflow tf_keras layers x Dense . _".split()), max_size=9).map("".join))
def test_any_text_has_a_stable_name(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("keras", "keras"),
        ("keras.layers.Dense", "keras"),
        ("keras._tf_keras.keras.layers", "keras"),
        ("keras_core.layers", "keras"),
        ("tensorflow.keras", "tensorflow.keras"),
        ("tensorflow.python.keras.layers", "tensorflow.keras"),
        ("tensorflow.compat.v1.keras", "tensorflow.keras"),
        ("tensorflow.losses.MeanSquaredError", "tensorflow.keras"),
        ("tf_keras.layers", "tf_keras"),
        ("tensorflow", None),
        ("tensorflow.nn.softmax", None),
        ("tensorflow.losses.softmax_cross_entropy", None),
        ("numpy", None),
        ("keras_tuner", None),
    ],
)
def test_package_of_an_import(path: str, found: str | None) -> None:
    assert package(path) == found


STARS: dict[str, str] = {
    "keras": "Model Sequential Input layers models",
    "keras.layers": "Dense Conv2D Input Softmax concatenate Convolution2D Layer MaxPool2D LocallyConnected1D",
    "tensorflow.keras.layers": "Dense Input",
    "tf_keras.layers": "Dense ThresholdedReLU",
    "keras.layers.core": "Dense Dropout Activation Flatten",
    "keras.layers.convolutional": "Convolution2D MaxPooling2D",
    "keras.models": "Sequential Model load_model",
    "keras.engine": "Input Model",
    "keras.losses": "mse BinaryCrossentropy binary_crossentropy",
    "keras.objectives": "mse",
    "keras.metrics": "AUC categorical_accuracy",
    "keras.optimizers": "Adam SGD schedules",
    "keras.activations": "softmax relu",
    "keras.backend": "softmax exp epsilon sum image_data_format",
    "keras.utils": "to_categorical",
    "keras.utils.np_utils": "to_categorical",
    "keras.callbacks": "EarlyStopping",
    "keras.regularizers": "l2",
    "keras.initializers": "he_normal",
    "keras.applications": "ResNet50 RegNetX002",
    "keras.datasets": "mnist",
    "keras.preprocessing.image": "ImageDataGenerator load_img",
    "keras.preprocessing.sequence": "pad_sequences",
    "keras.ops": "softmax sum",
    "tensorflow": "keras nn exp reduce_sum float32 losses",
    "tensorflow.nn": "softmax relu sigmoid",
}


@pytest.mark.parametrize("module", sorted(STARS))
def test_star_imports_bring(module: str) -> None:
    brought = star_members(module)
    assert brought is not None
    for name in STARS[module].split():
        assert brought[name] == canonical(f"{module}.{name}"), name
    for name, found in brought.items():
        assert found == canonical(found), name


def test_star_imports_of_unknown_modules_are_unknown() -> None:
    for module in ("foo", "numpy", "keras.nothing", "keras.layers.nothing", "tensorflow.data", "keras.layers.Dense"):
        assert star_members(module) is None


def test_star_imports_bring_no_more_than_the_module_has() -> None:
    brought = star_members("keras.layers")
    assert brought is not None
    assert not {"Model", "Sequential", "Functional"} & brought.keys()
    assert not {"prelu", "srelu"} & (star_members("keras.activations") or {}).keys()
    assert not {"log", "softmax"} & (star_members("tensorflow") or {}).keys()


@pytest.mark.parametrize("generation", (2, 3), ids=("keras2", "keras3"))
@pytest.mark.parametrize(
    ("module", "specs"),
    [
        ("layers", layers.SPECS),
        ("losses", losses.SPECS),
        ("metrics", metrics.SPECS),
        ("optimizers", optimizers.SPECS),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_class_has_its_name_wherever_keras_keeps_it(generation: int, module: str, specs: tuple[object, ...]) -> None:
    """What a class says of itself (`keras.src.layers.core.dense.Dense`) is another path to it."""
    import keras
    import tf_keras

    home = getattr(keras if generation == 3 else tf_keras, module)
    for spec in specs:
        for name in getattr(spec, "classes", None) or (spec.name,):  # type: ignore[attr-defined]
            found = getattr(home, name, None)
            if inspect.isclass(found) and found.__name__ == name and f".{module}." in found.__module__:
                assert canonical(f"{found.__module__}.{name}") == f"keras.{module}.{name}"


def test_functions_of_the_catalogue_have_canonical_names() -> None:
    for table in (functions.functions(), losses.functions(), layers.functions()):
        for name in table:
            assert canonical(name) == name


def test_names_need_no_library() -> None:
    """A file without Keras is not worth an import of libcst."""
    program = "import sys, keraslint.static.names; print(*sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"libcst", "numpy", "keras", "tensorflow", "rich", "click"} & set(found)
