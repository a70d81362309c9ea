"""What ran, against what was pinned."""

from site_builder.model import RunRecord


def off_pin(record: RunRecord | None) -> tuple[str, ...]:
    """Which packages were not those pinned when the run was executed, as "torch 2.11.0+cu130 for 2.13.0".

    A local version such as "+cpu" names a build of what is pinned; of what has no version nothing is said.
    """
    if record is None:
        return ()
    pins = {part.removeprefix("pin/"): pin for part, pin in record.fingerprint.parts.items()}
    return tuple(
        f"{name} {version} for {pins[name]}"
        for name, version in sorted(record.versions.items())
        if name in pins and version.partition("+")[0] != pins[name].partition("+")[0]
    )
