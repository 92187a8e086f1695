"""What each Keras name means, as tables: plain data and small look-ups.

Nothing here reads a program, imports Keras or knows a rule. `tests/test_catalog.py` holds every table against the
Keras 3 and the tf_keras that are installed, in both directions.

Names come in as `names.canonical` gives them (`keras.layers.Dense`). *Keras 2* means TensorFlow 2.x with its own
Keras and tf_keras, *Keras 3* the `keras` package from version 3 on; what only Keras 1 and early Keras 2 had is in
neither.
"""
