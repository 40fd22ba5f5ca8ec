"""MNIST and Fashion-MNIST: where their files are published, and what they hold.

The sizes and checksums of the packed files are those that TensorFlow Datasets records:
https://github.com/tensorflow/datasets/tree/master/tensorflow_datasets/url_checksums
"""

from __future__ import annotations

from framework.data.dataset import DATASETS
from framework.data.download import Remote
from framework.data.idx import IdxDataset, IdxFile

# Both sets have the same four files: split, feature, name, dimensions.
_LAYOUT = (
    ("train", "image", "train-images-idx3-ubyte.gz", (60000, 28, 28)),
    ("train", "label", "train-labels-idx1-ubyte.gz", (60000,)),
    ("test", "image", "t10k-images-idx3-ubyte.gz", (10000, 28, 28)),
    ("test", "label", "t10k-labels-idx1-ubyte.gz", (10000,)),
)


def _files(bases: tuple[str, ...], *sums: tuple[int, str, str | None]) -> dict[str, dict[str, IdxFile]]:
    """Split -> feature -> its file. sums: of each in turn, its size in bytes, its SHA-256 packed, and unpacked."""
    files: dict[str, dict[str, IdxFile]] = {"train": {}, "test": {}}
    for (split, feature, name, shape), (size, packed, unpacked) in zip(_LAYOUT, sums, strict=True):
        remote = Remote(name, size, packed, tuple(f"{base}/{name}" for base in bases))
        files[split][feature] = IdxFile(remote, shape, unpacked)
    return files


@DATASETS.register("mnist")
class Mnist(IdxDataset):
    """70,000 images of handwritten digits, `image` uint8 [28, 28, 1], ten classes; 10,000 are the test set.

    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proceedings of the IEEE 1998.
    """

    title, subfolder = "MNIST", "mnist"
    classes = tuple("0123456789")
    files = _files(
        ("https://storage.googleapis.com/cvdf-datasets/mnist", "https://ossci-datasets.s3.amazonaws.com/mnist"),
        (
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        (
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        (
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        (
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )


@DATASETS.register("fashion_mnist")
class FashionMnist(IdxDataset):
    """70,000 images of articles of clothing, `image` uint8 [28, 28, 1], ten classes; 10,000 are the test set.

    Source: Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017, https://arxiv.org/abs/1708.07747
    """

    title, subfolder = "Fashion-MNIST", "fashion_mnist"
    classes = (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )
    files = _files(
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ),
        (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", None),
        (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", None),
        (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", None),
        (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", None),
    )
