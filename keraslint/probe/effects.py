"""What a statement would do to the world or to the clock, told by the names that it calls: tables, and one look-up.

A model needs none of these: loading data, training, drawing, printing, saving, other processes. Where a name says too
little, the statement counts as plain computing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from keraslint.probe.statements import BUILTINS, Called


class Effect(StrEnum):
    """What a call is there for."""

    DATA = "data"
    """It gets data, or makes something of them that is not known without them."""
    TRAINING = "training"
    """It trains a model or predicts with it."""
    ASIDE = "aside"
    """It shows, saves, waits or ends; nothing that comes from it is needed."""


DATA_LIBRARIES: Final = frozenset(
    "pandas sklearn cv2 PIL skimage imageio librosa soundfile torchvision torchaudio datasets tensorflow_datasets "
    "requests urllib urllib2 http socket ftplib zipfile tarfile gzip bz2 csv h5py pickle cPickle joblib glob nltk "
    "spacy gensim imblearn kaggle kaggle_datasets yfinance pandas_datareader gym gymnasium sqlite3 pymongo boto3 gdown "
    "wget statsmodels xgboost lightgbm catboost networkx rdkit nibabel pydicom SimpleITK polars dask pyspark feather "
    "openpyxl xlrd music21 mido pretty_midi midi folium geopandas shap lime optuna hyperopt talos ray pycocotools "
    "albumentations imgaug tensorflow_io tensorflow_model_analysis tensorflow_transform kfp google pysrt wfdb mne "
    "scikeras tf_agents chess selenium bs4 multiprocessing threading subprocess shutil psutil pyautogui uproot "
    "keras_preprocessing missingno vectorbt quandl alpaca_trade_api ccxt ta talib".split()
)
"""Libraries that load, hold or change data, or run the programs of others: what comes from them is a stand-in."""
ASIDE_LIBRARIES: Final = frozenset(
    "matplotlib seaborn plotly bokeh altair pylab tqdm wandb mlflow comet_ml neptune tensorboard tensorboardX IPython "
    "ipywidgets pprint logging warnings time timeit rich termcolor colorama tabulate prettytable livelossplot "
    "visualkeras netron pydot graphviz keras_tqdm clearml sacred ann_visualizer mplfinance scikitplot wordcloud gc "
    "pdb traceback signal atexit tracemalloc telegram smtplib playsound winsound hiddenlayer codecarbon "
    "keras_visualizer google.colab".split()
)
"""Libraries that show what happens."""
DATA_MODULES: Final = frozenset(
    """
    keras.datasets keras.utils.get_file keras.preprocessing.image keras.preprocessing.text keras.preprocessing.sequence
    keras.utils.image_dataset_from_directory keras.utils.text_dataset_from_directory keras.utils.load_img
    keras.utils.img_to_array keras.utils.audio_dataset_from_directory keras.utils.timeseries_dataset_from_array
    keras.wrappers keras.legacy.preprocessing tensorflow.data tensorflow.io tensorflow.gfile tensorflow.contrib.learn
    tensorflow.examples tensorflow.train.Checkpoint tensorflow.train.CheckpointManager tensorflow.summary
    tensorflow.feature_column tensorflow.compat.v1.data tensorflow.compat.v1.gfile tensorflow.image.decode_jpeg
    tensorflow.image.decode_png tensorflow.image.decode_image tensorflow.keras.datasets tensorflow.keras.preprocessing
    tensorflow.keras.wrappers tensorflow.keras.utils.get_file tensorflow.keras.utils.image_dataset_from_directory
    tensorflow.keras.utils.text_dataset_from_directory tensorflow.keras.utils.load_img
    tensorflow.keras.utils.img_to_array tensorflow.keras.utils.timeseries_dataset_from_array
    numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile numpy.memmap scipy.io scipy.misc json.load json.loads
    yaml.load yaml.safe_load os.listdir os.walk os.scandir
    """.split()
)
"""Parts of libraries that load or hold data."""
ASIDE_MODULES: Final = frozenset(
    """
    os.makedirs os.mkdir os.remove os.unlink os.rename os.replace os.rmdir os.removedirs os.system os.popen os.chdir
    os.kill os.fork os.execv os.spawnv os._exit os.abort os.startfile os.symlink os.link os.utime os.chmod sys.exit
    sys.stdout sys.stderr sys.setrecursionlimit keras.utils.plot_model keras.utils.vis_utils
    tensorflow.keras.utils.plot_model tensorflow.keras.utils.vis_utils numpy.save numpy.savez numpy.savetxt
    numpy.savez_compressed json.dump yaml.dump keras.models.save_model tensorflow.keras.models.save_model
    tensorflow.saved_model tensorflow.print tensorflow.logging tensorflow.get_logger tensorflow.test
    tensorflow.config.list_physical_devices tensorflow.config.experimental tensorflow.config.set_visible_devices
    tensorflow.config.list_logical_devices tensorflow.profiler tensorflow.python.client keras.callbacks
    tensorflow.keras.callbacks keras.backend.clear_session tensorflow.keras.backend.clear_session
    keras.utils.model_to_dot tensorflow.config.threading tensorflow.lite tensorflowjs coremltools onnx tf2onnx
    """.split()
)
"""Parts of libraries that save, show, or look after the machine."""
DATA_CALLS: Final = frozenset(
    """
    load_data read_csv read_excel read_json read_table read_parquet read_pickle read_hdf read_sql imread imdecode
    load_img loadmat loadtxt genfromtxt fromfile urlopen urlretrieve get_file download_and_prepare as_dataset listdir
    scandir glob rglob iterdir read_text read_bytes readlines readline make_csv_dataset image_dataset_from_directory
    text_dataset_from_directory flow flow_from_directory flow_from_dataframe fit_on_texts texts_to_sequences
    texts_to_matrix fit_on_sequences sequences_to_matrix fit_transform inverse_transform train_test_split from_generator
    from_tensor_slices load_dataset load_iris load_digits load_breast_cancer load_wine load_boston load_diabetes
    fetch_california_housing make_blobs make_moons make_classification make_regression make_circles kneighbors
    partial_fit get_vocabulary vocabulary_size element_spec as_numpy_iterator data_adapter read_data_sets
    create_file_reader download mount
    """.split()
)
"""Functions and methods that load data or depend on what they are, whatever they are called on."""
TRAINING_CALLS: Final = frozenset(
    """
    fit fit_generator evaluate evaluate_generator predict predict_generator predict_classes predict_proba
    train_on_batch test_on_batch predict_on_batch apply_gradients minimize GradientTape cross_val_score cross_validate
    cross_val_predict GridSearchCV RandomizedSearchCV score compute_gradients on_epoch_end on_train_begin
    """.split()
)
ASIDE_CALLS: Final = frozenset(
    """
    summary save save_weights save_model load_weights to_json to_yaml get_weights plot_model model_to_dot savefig imshow
    plot show figure subplot subplots clear_session makedirs mkdir sleep init_printing set_verbosity set_printoptions
    write writerow dump system popen Popen check_call check_output run_line_magic get_ipython filterwarnings
    basicConfig getLogger info debug warning exit quit set_memory_growth list_physical_devices collect
    enable_interactive_logging disable_interactive_logging set_log_level export restore save_pretrained
    """.split()
)
BUILTIN_CALLS: Final = {
    "open": Effect.DATA,
    "input": Effect.DATA,
    "raw_input": Effect.DATA,
    "print": Effect.ASIDE,
    "display": Effect.ASIDE,
    "exit": Effect.ASIDE,
    "quit": Effect.ASIDE,
    "breakpoint": Effect.ASIDE,
    "get_ipython": Effect.ASIDE,
}
SETTINGS: Final = frozenset(
    """
    set_image_data_format set_image_dim_ordering set_floatx set_epsilon set_global_policy set_policy
    set_global_dtype_policy set_dtype_policy set_experimental_policy set_random_seed set_learning_phase
    disable_v2_behavior disable_eager_execution enable_eager_execution enable_v2_behavior run_functions_eagerly
    experimental_run_functions_eagerly enable_mixed_precision_graph_rewrite set_backend get_custom_objects
    set_soft_device_placement enable_unsafe_deserialization enable_numpy_behavior
    """.split()
)
"""Functions of Keras and TensorFlow that change how everything behind them is built."""


def library_effect(dotted: str) -> Effect | None:
    """What a name of a library is there for, given in full: `pandas.read_csv`, `keras.datasets.mnist`."""
    parts = dotted.split(".")
    if parts[0] in DATA_LIBRARIES:
        return Effect.DATA
    if parts[0] in ASIDE_LIBRARIES:
        return Effect.ASIDE
    for end in range(2, len(parts) + 1):
        beginning = ".".join(parts[:end])
        if beginning in DATA_MODULES:
            return Effect.DATA
        if beginning in ASIDE_MODULES or beginning in ASIDE_LIBRARIES:
            return Effect.ASIDE
    return None


def effect_of(call: Called, dotted: str | None) -> Effect | None:
    """What a call is there for; `dotted` is its name in full where it goes through an import."""
    if dotted is not None:
        found = library_effect(dotted)
        if found is not None:
            return found
    elif not call.path:
        return BUILTIN_CALLS.get(call.name) if call.name in BUILTINS or call.name == "display" else None
    last = call.last
    if last in DATA_CALLS:
        return Effect.DATA
    if last in TRAINING_CALLS and (call.path or last == "GradientTape"):
        return Effect.TRAINING
    return Effect.ASIDE if last in ASIDE_CALLS and call.path else None
