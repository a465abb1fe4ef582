from pathlib import Path

from scrim.cli.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "ref" / "cli.md"


def test_the_page_says_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run: python -m scrim.cli.reference > docs/ref/cli.md"
    )
