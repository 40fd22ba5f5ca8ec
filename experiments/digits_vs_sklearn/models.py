"""scikit-learn's models, each with the options that are tried on the training rows of a fold."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

Model = tuple[Any, dict[str, list[Any]]]  # what is fitted, and the options that are tried


def models(is_regression: bool) -> dict[str, Model]:
    """Name -> model. Those that measure distances see standardised features."""
    forest, boosting = {"max_features": ["sqrt", 0.5]}, {"learning_rate": [0.05, 0.1]}
    if is_regression:
        return {
            "support vectors": (make_pipeline(StandardScaler(), SVR()), {"svr__C": [1, 10, 100]}),
            "random forest": (RandomForestRegressor(300, random_state=0), forest),
            "gradient boosting": (HistGradientBoostingRegressor(random_state=0), boosting),
            "ridge": (make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 1, 10, 100]}),
            "nearest neighbours": (
                make_pipeline(StandardScaler(), KNeighborsRegressor()),
                {"kneighborsregressor__n_neighbors": [5, 10, 20]},
            ),
        }
    return {
        "support vectors": (
            make_pipeline(StandardScaler(), SVC()),
            {"svc__C": [1, 10, 100], "svc__gamma": ["scale", 0.003]},
        ),
        "random forest": (RandomForestClassifier(300, random_state=0), forest),
        "gradient boosting": (HistGradientBoostingClassifier(random_state=0), boosting),
        "logistic regression": (
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
            {"logisticregression__C": [0.01, 0.1, 1, 10]},
        ),
        "nearest neighbours": (
            make_pipeline(StandardScaler(), KNeighborsClassifier()),
            {"kneighborsclassifier__n_neighbors": [1, 3, 5, 9]},
        ),
    }
