"""Makes a small variable font smaller: `python3 xtask/fonts/lighten.py IN OUT` (needs fontTools and brotli).

Kerning stays, in steps of 8 units and without what nobody sees (less than 24 of 2048), and is the same for all weights; tables
that browsers do not use go.
"""

import sys

from fontTools.ttLib import TTFont

UNSEEN, STEP = 24, 8
UNUSED = ("STAT", "MVAR", "prep", "gasp")
PAIRS, EXTENSION = 2, 9


def values(subtable):
    """Both values of each pair."""
    if subtable.Format == 1:
        records = [record for pairs in subtable.PairSet for record in pairs.PairValueRecord]
    else:
        records = [record for row in subtable.Class1Record for record in row.Class2Record]
    return [value for record in records for value in (record.Value1, record.Value2) if value]


def lighten(value):
    advance = getattr(value, "XAdvance", 0) or 0
    value.XAdvance = 0 if abs(advance) < UNSEEN else round(advance / STEP) * STEP
    for device in ("XPlaDevice", "YPlaDevice", "XAdvDevice", "YAdvDevice"):
        if hasattr(value, device):
            delattr(value, device)


def main(source, target):
    font = TTFont(source)
    lookups = font["GPOS"].table.LookupList.Lookup if "GPOS" in font else []
    for lookup in lookups:
        for subtable in lookup.SubTable:
            if subtable.LookupType == EXTENSION:
                subtable = subtable.ExtSubTable
            if subtable.LookupType != PAIRS:
                sys.exit(f"there is a lookup of type {subtable.LookupType}: only pairs are known here")
            for value in values(subtable):
                lighten(value)
            # Without the bits of the devices.
            subtable.ValueFormat1 &= 0xF
            subtable.ValueFormat2 &= 0xF
    font["GDEF"].table.VarStore = None
    font["GDEF"].table.Version = 0x00010002
    font["name"].names = []
    for table in UNUSED:
        if table in font:
            del font[table]
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
