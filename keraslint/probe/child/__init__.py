"""What runs in the user's interpreter: it builds the models of a program and measures them.

It is loaded by its path under another name, because keraslint is not installed there: nothing here imports anything of
ours from outside this folder. Python 3.9 and newer, Keras 2 and 3, on TensorFlow, JAX and torch.

    main      where a process begins: Keras is loaded once, then a worker is forked for each request
    contain   the bounds of a worker: kernel, namespaces, landlock, seccomp, limits; refusals is the seat belt
    run       a slice becomes models: program (code), sites (calls), border, plain, stand_ins, older, registry, kinds
    live      a model that is alive or was saved, written out as a text
    measure   one model becomes one answer: kit (one face for all Kerases), rows (made-up inputs)
    heads     what an output is and does: watch (one pass), ways (what is behind the scores), forms, affine
    trials    what a loss is before any step: compiled (which losses), labels (made up), losing (gradients), given
"""
