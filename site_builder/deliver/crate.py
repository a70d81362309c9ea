"""The RO-Crate of a release: which file was made by which code, of which data, on which machine, and when.

It is a Process Run Crate (https://w3id.org/ro/wfrun/process/0.5) of RO-Crate 1.1: each execution is an action
that created its executed notebook. What nobody recorded, such as who executed it, is not said.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from site_builder.model import Run, RunPlan, RunRecord, Site, Tree
from site_builder.plan import inputs
from site_builder.post import sidecar

METADATA, LICENCE = "ro-crate-metadata.json", "LICENSE"
_PROFILE, _PYTHON = "https://w3id.org/ro/wfrun/process/0.5", "https://www.python.org/"
_NOTEBOOK = {"encodingFormat": "application/x-ipynb+json"}
_DIGITS = 16
"""So many digits of a SHA-256 a fingerprint keeps of an input."""


class Citation(msgspec.Struct, frozen=True, rename="kebab"):
    """What a release needs of its ``CITATION.cff``; keys that it does not use are passed over."""

    title: str
    version: str
    date_released: dt.date
    license: str | list[str]
    authors: Annotated[list[dict[str, str]], msgspec.Meta(min_length=1)]
    abstract: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """A tag's tree, its commit, what its ``CITATION.cff`` and ``site.yaml`` say, its runs, and the size in
    bytes and SHA-256 of each of its files by path.
    """

    tree: Tree
    commit: str
    citation: Citation
    site: Site
    plans: Sequence[RunPlan]
    files: Mapping[str, tuple[int, str]]


def describe(release: Release) -> str:
    """The text of ``ro-crate-metadata.json``; the same for the same release."""
    return json.dumps(_Crate(release).whole(), indent=1, sort_keys=True)


class _Crate:
    """Entities of a crate, each added when it is first referred to."""

    def __init__(self, release: Release) -> None:
        from rocrate.rocrate import ROCrate  # which only an archive needs

        self._release, self._crate = release, ROCrate(version="1.1")
        self._crate.metadata.extra_terms = {"sha256": "http://schema.org/sha256"}  # unknown to 1.1
        self._runs = [(one.run, one.record) for one in release.plans if one.record]
        self._people: dict[str, str] = {}
        self._declared = inputs.declared(release.tree, [])
        self._by_digest = {digest[:_DIGITS]: name for name, (_, digest) in release.files.items()}
        licences = release.citation.license
        self._code = {
            "programmingLanguage": self._about(_PYTHON, "ComputerLanguage", name="Python", url=_PYTHON),
            "version": release.citation.version,
            "license": [
                self._about(f"https://spdx.org/licenses/{one}", "CreativeWork", name=one)
                for one in (licences if isinstance(licences, list) else [licences])
            ],
            "url": release.site.repository,
        }

    def whole(self) -> dict[str, Any]:
        site, cited = self._release.site, self._release.citation
        about = {"name": LICENCE, "description": site.license, "encodingFormat": "text/plain"}
        facts = {
            "name": cited.title,
            "description": cited.abstract or site.description,
            "datePublished": cited.date_released.isoformat(),
            "version": cited.version,
            "identifier": f"swh:1:rev:{self._release.commit}",
            "url": site.url,
            "keywords": ", ".join(cited.keywords),
            "author": [*map(self._cited, cited.authors)],
            "license": self._file(LICENCE, "CreativeWork", **about),
            "conformsTo": self._about(_PROFILE, "CreativeWork", name="Process Run Crate", version="0.5"),
        }
        self._code_and_environment()
        for run, _ in self._runs:
            self._file(self._path(run.executed), name=run.title, **_NOTEBOOK)
        facts["mentions"] = [self._action(*one) for one in self._runs]
        self._posts()
        for name, entry in _said(facts).items():
            self._crate.root_dataset[name] = entry
        found: dict[str, Any] = self._crate.metadata.generate()
        return found

    def _path(self, path: Path) -> str:
        return path.relative_to(self._release.tree.root).as_posix()

    def _about(self, name: str, kind: str, /, **facts: Any) -> Any:
        """What is no file of the crate."""
        from rocrate.model import ContextEntity

        known = self._crate.dereference(name)
        return known or self._crate.add(ContextEntity(self._crate, name, {"@type": kind, **_said(facts)}))

    def _file(self, name: str, kind: str = "", /, **facts: Any) -> Any:
        """A file of the crate, of this kind beside that of a file."""
        if known := self._crate.dereference(quote(name)):
            return known
        size, digest = self._release.files[name]
        own = {"@type": ["File", kind] if kind else "File", "contentSize": str(size), "sha256": digest}
        return self._crate.add_file(dest_path=name, properties=own | _said(facts))

    def _cited(self, one: Mapping[str, str]) -> Any:
        """An author of the citation file: what has but one name there is an organisation."""
        parts = ("given-names", "name-particle", "family-names", "name-suffix")
        name = one.get("name") or " ".join(one[part] for part in parts if part in one)
        kind = "Organization" if "name" in one else "Person"
        return self._author(name, one.get("website", ""), kind, one.get("orcid", ""))

    def _author(self, name: str, url: str, kind: str = "Person", orcid: str = "") -> Any:
        """Whoever is known by one name is one author."""
        identity = self._people.setdefault(name, orcid or f"#author/{quote(name)}")
        return self._about(identity, kind, name=name, url=url)

    def _code_and_environment(self) -> None:
        """The code that is no notebook, and the versions of what it needs."""
        parts = (part for _, record in self._runs for part in record.fingerprint.parts)
        modules = {part.split("/")[1] for part in parts if part.startswith("module/")}
        for folder in sorted({"site_builder/", *(f"_experiments/{name}/" for name in modules)}):
            if any(name.startswith(folder) for name in self._release.files):
                kind = {"@type": ["Dataset", "SoftwareSourceCode"], "name": folder}
                self._crate.add_dataset(dest_path=folder, properties=kind | _said(self._code))
        for name in sorted(self._release.files):
            if name.endswith("requirements.lock"):
                about = f"The versions of all packages that {name.partition('/')[0]} needs."
                self._file(name, name=name, description=about, encodingFormat="text/plain")

    def _action(self, run: Run, record: RunRecord) -> Any:
        """The execution of a run, which takes a second at least."""
        started = record.started.astimezone(dt.UTC).replace(microsecond=0)
        source, device = self._path(run.notebook), record.device
        packages = sorted(record.versions.items())
        versions = ", ".join(f"{name} {version}" for name, version in packages)
        where = f"on {device} ({record.resource}), in {record.seconds:.1f} s, with {versions}"
        return self._about(
            f"#run/{run.id}",
            "CreateAction",
            name=f"Execution of {source} as {run.id}",
            description=f"Executed {where}.",
            startTime=started.isoformat(),
            endTime=(started + dt.timedelta(seconds=max(1, round(record.seconds)))).isoformat(),
            instrument=self._file(source, "SoftwareSourceCode", name=source, **_NOTEBOOK, **self._code),
            object=[*self._objects(run, record)],
            result=self._file(self._path(run.executed)),
            softwareRequirements=[
                self._package(name, version, pinned=f"pin/{name}" in record.fingerprint.parts)
                for name, version in packages
            ],
            additionalProperty=self._property(f"#device/{quote(device)}", "device", device),
        )

    def _package(self, name: str, version: str, *, pinned: bool) -> Any:
        """A package as it was installed; one that is pinned is on PyPI."""
        url = f"https://pypi.org/project/{name}/{version.partition('+')[0]}/" if pinned else ""
        about = {"name": name, "softwareVersion": version, "url": url}
        return self._about(f"#package/{quote(f'{name}-{version}')}", "SoftwareApplication", **about)

    def _property(self, identity: str, name: str, entry: Any) -> Any:
        value = entry if isinstance(entry, str | int | float) else json.dumps(entry, sort_keys=True)
        return self._about(identity, "PropertyValue", name=name, value=value)

    def _objects(self, run: Run, record: RunRecord) -> Iterator[Any]:
        """What an execution read: its parameters, data, weights, and the results of other runs."""
        for name, entry in sorted(record.parameters.items()):
            yield self._property(f"#run/{run.id}/{quote(name)}", name, entry)
        for part, digest in sorted(record.fingerprint.parts.items()):
            kind, _, name = part.partition("/")
            if kind == "results":
                yield self._file(self._path(self._release.tree.executed / f"{name}.ipynb"))
            elif kind in inputs.FILES and digest in self._by_digest:
                binary = "application/octet-stream"
                yield self._file(self._by_digest[digest], name=name, encodingFormat=binary)
            elif kind in inputs.FILES:
                module = inputs.module(part, self._declared)
                about = f"The {inputs.words(part)}, not in this archive: {module} in _experiments says where "
                about += f"it comes from, and computes this identifier, {_DIGITS} digits of a SHA-256."
                facts = {"name": name, "identifier": digest, "description": about}
                yield self._about(f"#{quote(part)}/{digest}", "CreativeWork", **facts)

    def _posts(self) -> None:
        tree = self._release.tree
        for post in sidecar.load_all(tree.assets, tree.posts):
            read = [run.executed for run, _ in self._runs if run.id in post.runs]
            self._file(
                self._path(tree.posts / post.file),
                "ScholarlyArticle",
                name=post.title,
                datePublished=post.date.isoformat(),
                version=post.version,
                encodingFormat="text/markdown",
                author=[self._author(one.name, one.url) for one in post.authors],
                isBasedOn=[self._file(self._path(path)) for path in read],
            )


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not known; a list of one thing is that thing."""
    known = {name: fact for name, fact in facts.items() if fact not in ("", [])}
    return {
        name: fact[0] if isinstance(fact, list) and len(fact) == 1 else fact for name, fact in known.items()
    }
