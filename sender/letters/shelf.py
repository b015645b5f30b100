"""Where templates come from: the template's own folder, the project's ``templates/`` folders, the built-in partials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from jinja2 import BaseLoader, Environment, TemplateNotFound

from sender.errors import InputError, Place

LARGEST_SOURCE = 256 * 1024
MOST_FILES = 50
BUILT_IN = Path(__file__).parent


class Shelf(BaseLoader):
    """Finds templates by name and remembers every file it gave out, and what stood there."""

    def __init__(self, folder: Path) -> None:
        folders: dict[Path, Path] = {}
        for path in (folder, *_template_folders(folder)):
            folders.setdefault(path.absolute(), path)
        self.folders = tuple(folders.values())
        self.files: dict[str, Path] = {}
        self.sources: dict[str, str] = {}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self.files.get(template) or self._find(template)
        if len(self.files) >= MOST_FILES and template not in self.files:
            raise TemplateNotFound(template, f"{template}: one part is made of {MOST_FILES} files at most")
        self.files[template] = path
        source = self.sources[template] = read_source(path)
        return source, str(path), lambda: True

    def path(self, template: str) -> Path:
        """The file behind a name that was read before."""
        return self.files[template]

    def _find(self, template: str) -> Path:
        name = PurePosixPath(template)
        if name.is_absolute() or ".." in name.parts or "\\" in template or "\0" in template:
            raise TemplateNotFound(template)
        folders = (*self.folders, BUILT_IN) if name.parts[:1] == ("partials",) else self.folders
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
        raise TemplateNotFound(template)


def _template_folders(folder: Path) -> Iterator[Path]:
    """Each folder named ``templates`` upwards, and the project's (the folder that holds ``sender.toml``)."""
    for parent in folder.absolute().parents:
        if parent.name == "templates":
            yield parent
        if (parent / "sender.toml").is_file():
            yield parent / "templates"
            return


def read_source(path: Path) -> str:
    """A template's text with line ends of one kind."""
    with path.open("rb") as file:
        data = file.read(LARGEST_SOURCE + 1)
    if len(data) > LARGEST_SOURCE:
        raise InputError.of(
            "SC-402",
            f"the template is larger than {LARGEST_SOURCE} bytes",
            why="Mailbox providers cut mails off at about 100 kB; nobody reads more.",
            todo="Shorten it; images belong beside it, not inside.",
            place=Place(str(path)),
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError.of(
            "SC-402",
            "the template is not UTF-8",
            why="Accents would reach the reader as garbage.",
            todo="Save it again with the encoding UTF-8.",
            place=Place(str(path), data.count(b"\n", 0, error.start) + 1),
        ) from error
