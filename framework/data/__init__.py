"""Data sets: what they hold, how they are split, and the order in which their examples come."""

# Importing a file registers its data sets.
from framework.data import bundled, cifar10, image_folder, mnist, npz, tables, text  # noqa: F401
from framework.data.batches import Rows, Sampler, evaluation_batches
from framework.data.dataset import DATASETS, Dataset
from framework.data.spec import Data, DataSpec, Feature

__all__ = ["DATASETS", "Data", "DataSpec", "Dataset", "Feature", "Rows", "Sampler", "evaluation_batches"]
