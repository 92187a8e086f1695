"""Functions that read pictures, and what hands on their pixels: OpenCV, Pillow, imageio, scikit-image, TensorFlow."""

from __future__ import annotations

_DECODERS = "decode_bmp decode_gif decode_image decode_jpeg decode_png"
_FLIPS = "adjust_hue adjust_saturation flip_left_right flip_up_down random_flip_up_down random_hue random_saturation"
_CUTS = (
    "central_crop crop_to_bounding_box grayscale_to_rgb pad_to_bounding_box random_crop resize_with_crop_or_pad "
    "resize_with_pad rgb_to_grayscale rot90"
)

READERS = frozenset(
    {
        "PIL.Image.open",
        "cv2.imread",
        "imageio.imread",
        "imageio.v2.imread",
        "imageio.v3.imread",
        "keras.utils.load_img",
        "scipy.misc.imread",
        "skimage.io.imread",
        *(f"tensorflow.{home}.{name}" for home in ("image", "io") for name in _DECODERS.split()),
    }
)
"""Functions that give the pixels of a file as numbers from 0 to 255. A PNG that matplotlib reads has other numbers."""

KEEPING = frozenset(
    {
        "cv2.cvtColor",
        "cv2.flip",
        "cv2.resize",
        "cv2.rotate",
        "keras.utils.img_to_array",
        *(f"tensorflow.image.{name}" for name in (*_FLIPS.split(), *_CUTS.split())),
    }
)
"""Functions that hand on pixels with the same range, perhaps in another shape."""

METHODS = frozenset({"convert", "crop", "resize", "rotate"})
"""Methods of pictures that do so."""

STANDARDISING = frozenset({"tensorflow.image.per_image_standardization"})
"""Functions that take the mean off and divide by the deviation."""

UNIT = frozenset({"keras.utils.normalize"})
"""Functions behind which no number is larger than 1: each row is divided by its length."""
