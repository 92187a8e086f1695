"""The standard rules: one module each, found through the entry point group `keraslint.rules`.

A rule judges a model. It looks at no syntax tree, runs nothing and imports nothing but `keraslint`.
"""
