"""Which plugins a run folder may bring in: those that the user names too, and none by itself.

A run folder may come from a stranger, and a plugin is a module that is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydra.core.override_parser.types import Override

from framework.config.loader import Source
from framework.config.yaml_file import plain
from framework.errors import ConfigError, Mistake


def untrusted_plugins(tree: Mapping[str, Any], parsed: Sequence[Override], source: Source) -> Iterator[Mistake]:
    """A mistake for each plugin of a run folder's configuration that the user does not name.

    parsed: the command line, whose `plugins=[...]` take the place of those in the file. source: the configuration of
    the user's own, whose plugins are trusted.
    """
    named = tree.get("plugins")
    if not isinstance(named, list) or any(override.key_or_group.split(".")[0] == "plugins" for override in parsed):
        return
    own = _own_plugins(source)
    for position, name in enumerate(named):
        if name not in own:
            message = (
                f"the run names the plugin '{name}', which your own configuration does not; no folder imports code"
            )
            hint = f"if you trust it, name it yourself: plugins=[{','.join(map(str, named))}]"
            yield Mistake(("plugins", str(position)), message, hint)


def _own_plugins(source: Source) -> list[Any]:
    try:
        tree = plain(source.directory / f"{source.name}.yaml")
    except (ConfigError, OSError):
        return []
    found = tree.get("plugins") if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []
