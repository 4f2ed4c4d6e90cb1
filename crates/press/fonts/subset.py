#!/usr/bin/env python3
"""Makes the two fonts of statements from Pretendard 1.3.9 (npm `pretendard`, SIL OFL 1.1).

    npm pack pretendard@1.3.9 && tar xzf pretendard-1.3.9.tgz
    pip install fonttools==4.68.0
    python3 subset.py package/dist/public/static .

What is changed, and why the family has another name (the licence reserves the original's):
- Regular keeps every modern Hangul syllable; bold keeps those of KS X 1001 and takes the others
  from regular when a statement is set.
- Digits and signs of figures are the tabular forms, so that columns align without a shaping engine.
- U+FFFD, drawn for what the fonts lack, is added: a box with a cross. Layout tables, hints and glyph
  names are dropped.
"""

import sys

from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Saldo Sans"
VERSION = "1.000"
# Latin with all its supplements, Greek, Cyrillic, punctuation, currencies, arrows, signs.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2DD), (0x300, 0x328), (0x370, 0x3FF),
    (0x400, 0x45F), (0x490, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x205E), (0x2070, 0x209C),
    (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF),
    (0x2460, 0x24FF), (0x25A0, 0x25FF), (0x2600, 0x266F), (0x3000, 0x303F), (0x3131, 0x318E),
    (0x3200, 0x32FF), (0x3300, 0x33FF), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6),
]
TABULAR = "0123456789+-−.,:()%×/=<>±÷ "


def common_syllables():
    """The 2,350 syllables of KS X 1001."""
    found = set()
    for lead in range(0xB0, 0xC9):
        for trail in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode("euc_kr")))
            except UnicodeDecodeError:
                pass
    return found


def use_tabular(font):
    """Points the figures' characters at their tabular glyphs."""
    gsub = font["GSUB"].table
    forms = {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    table = getattr(table, "ExtSubTable", table)
                    forms.update(getattr(table, "mapping", {}))
    for cmap in font["cmap"].tables:
        for char in map(ord, TABULAR):
            glyph = cmap.cmap.get(char)
            if glyph in forms:
                cmap.cmap[char] = forms[glyph]


def add_replacement(font):
    """Adds a crossed box as U+FFFD: no page may draw .notdef."""
    top = font["CFF "].cff.topDictIndex[0]
    is_cid = hasattr(top, "FDArray")
    private = top.FDArray[0].Private if is_cid else top.Private
    pen = T2CharStringPen(1400, None)

    def contour(*points):
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()

    contour((150, 0), (1250, 0), (1250, 1450), (150, 1450))
    contour((250, 100), (250, 1350), (1150, 1350), (1150, 100))
    contour((250, 160), (310, 100), (1150, 1290), (1090, 1350))
    contour((1090, 100), (1150, 160), (310, 1350), (250, 1290))
    string = pen.getCharString(private=private, globalSubrs=font["CFF "].cff.GlobalSubrs)
    order = font.getGlyphOrder()
    name = "cid60000" if is_cid else "uniFFFD"
    index = len(order)
    glyphs = top.CharStrings
    glyphs.charStringsIndex.append(string)
    glyphs.charStrings[name] = index
    top.charset.append(name)
    if is_cid:
        top.FDSelect.append(0)
    font.setGlyphOrder(order + [name])
    font["hmtx"][name] = (1400, 150)
    font["maxp"].numGlyphs = index + 1
    for cmap in font["cmap"].tables:
        cmap.cmap[0xFFFD] = name


def rename(font, style):
    names = font["name"]
    license_text = "SIL Open Font License, Version 1.1"
    base = names.getDebugName(0) or ""
    names.names = []
    post = FAMILY.replace(" ", "") + "-" + style
    texts = {
        0: base, 1: FAMILY, 2: style, 3: f"{VERSION};{post}", 4: f"{FAMILY} {style}",
        5: f"Version {VERSION}", 6: post, 13: license_text, 14: "https://scripts.sil.org/OFL",
    }
    for number, text in texts.items():
        names.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [post]
    top = cff.topDictIndex[0]
    top.FamilyName, top.FullName, top.Weight = FAMILY, f"{FAMILY} {style}", style
    for key in ("Notice", "Copyright"):
        if key in top.rawDict:
            setattr(top, key, base)


def make(source, target, style, syllables):
    font = TTFont(source, recalcTimestamp=False)
    use_tabular(font)
    wanted = {char for first, last in RANGES for char in range(first, last + 1)} | syllables
    options = Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "STAT"]
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    add_replacement(font)
    rename(font, style)
    font["head"].created = font["head"].modified = 3786912000
    font.save(target)
    digits = {font["hmtx"][font.getBestCmap()[ord(char)]][0] for char in "0123456789"}
    assert len(digits) == 1, f"digits are not tabular: {digits}"
    print(target, len(font.getBestCmap()), "characters")


def main():
    source, target = sys.argv[1:3]
    make(f"{source}/Pretendard-Regular.otf", f"{target}/SaldoSans-Regular.otf", "Regular",
         set(range(0xAC00, 0xD7A4)))
    make(f"{source}/Pretendard-Bold.otf", f"{target}/SaldoSans-Bold.otf", "Bold",
         common_syllables())


if __name__ == "__main__":
    main()
