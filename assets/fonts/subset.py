#!/usr/bin/env python3
"""Makes AtelierCJK-subset.otf: the glyphs that our own Chinese strings need, and no more.

    python3 assets/fonts/subset.py [--check]

Reads every assets/locales/*/*.ftl, the templates and the names of the presets, takes the characters beyond Latin, and cuts them out of Noto Sans CJK SC
(Debian: fonts-noto-cjk; needs Python's fonttools). What people type is drawn from the system's fonts.
--check writes nothing and fails when a character of a locale is missing from the font.
"""
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).resolve().parent
LOCALES = HERE.parent / "locales"
TEMPLATES = HERE.parent / "templates.toml"
PRESETS = HERE.parent.parent / "src/model/gateway/preset.rs"
TARGET = HERE / "AtelierCJK-subset.otf"
SOURCE = pathlib.Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FACE = "Noto Sans CJK SC"
MAX_BYTES = 600_000
# CJK punctuation and full-width forms are typed and pasted all the time; they cost little.
ALWAYS = "　、。〈〉《》「」『』【】〔〕〖〗·…—‘’“”！（），－．／０１２３４５６７８９：；？～￥×→画室"


def wanted():
    files = [*sorted(LOCALES.glob("*/*.ftl")), TEMPLATES, PRESETS]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    # The emoji of iKun's groups are shown as the system draws them.
    text = "".join(c for c in text if ord(c) < 0x10000)
    return sorted({c for c in text + ALWAYS if ord(c) > 0x2E7F or c in ALWAYS})


def cut(characters):
    number = next(
        i for i in range(20) if TTFont(SOURCE, fontNumber=i, lazy=True)["name"].getDebugName(4) == FACE
    )
    options = subset.Options(
        font_number=number,
        layout_features=["locl"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        notdef_outline=True,
        hinting=False,
        drop_tables=["vhea", "vmtx", "VORG", "BASE", "GPOS"],
        recalc_timestamp=False,
    )
    font = subset.load_font(str(SOURCE), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in characters])
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = "AtelierCJK" if record.nameID == 6 else "Atelier CJK"
    subset.save_font(font, str(TARGET), options)


def main():
    characters = wanted()
    if "--check" in sys.argv[1:]:
        have = TTFont(TARGET).getBestCmap()
        missing = "".join(c for c in characters if ord(c) not in have)
        if missing:
            sys.exit(f"subset.py: missing from {TARGET.name}: {missing}\nrun: python3 assets/fonts/subset.py")
        return
    cut(characters)
    size = TARGET.stat().st_size
    print(f"{TARGET.name}: {len(characters)} characters, {size:,} bytes")
    if size > MAX_BYTES:
        sys.exit(f"subset.py: larger than {MAX_BYTES:,} bytes")


if __name__ == "__main__":
    main()
