"""What runs in the user's interpreter: it builds the models of a program and measures them.

It is loaded by its path under another name, because keraslint is not installed there: nothing here imports anything of
ours from outside this folder. Python 3.9 and newer, Keras 2 and 3, on TensorFlow, JAX and torch.
"""
