#!/usr/bin/env python3
"""The drift of a masked edit, computed by another program than Atelier's: what differs outside of the mask.

    drift.py ORIGINAL RESULT MASK [PROTECTED FEATHER_PX]

Prints a JSON object: pixels outside of the mask (where the mask's alpha is 255), those of them that are not exactly the
same, and the sum of the differences of red, green and blue. With a protected picture also how many pixels further than
FEATHER_PX from the chosen part of the mask are not exactly the original's. Exit status 3: Pillow is missing.
"""

import json
import sys

try:
    from PIL import Image, ImageFilter
except ImportError:
    print("Pillow is missing: nothing was computed", file=sys.stderr)
    sys.exit(3)


def pixels(path):
    return Image.open(path).convert("RGBA")


def main(original, result, mask, protected=None, feather="0"):
    original, result, mask = pixels(original), pixels(result), pixels(mask)
    assert original.size == result.size == mask.size, "sizes differ"
    alpha = mask.getchannel("A").tobytes()
    before, after = original.tobytes(), result.tobytes()
    outside = changed = total = 0
    for i, stays in enumerate(alpha):
        if stays != 255:
            continue
        outside += 1
        a, b = before[4 * i:4 * i + 4], after[4 * i:4 * i + 4]
        if a != b:
            changed += 1
            total += sum(abs(x - y) for x, y in zip(a[:3], b[:3]))
    figures = {"outside_px": outside, "changed_px": changed, "change_sum": total}
    if protected:
        # A square of that reach holds every disc of it, so what is outside of it is outside of the feather.
        reach = int(feather)
        chosen = mask.getchannel("A").point(lambda a: 255 if a <= 127 else 0)
        near = chosen.filter(ImageFilter.MaxFilter(2 * reach + 1)).tobytes()
        put_back = pixels(protected).tobytes()
        figures["not_restored"] = sum(
            1
            for i, stays in enumerate(alpha)
            if stays == 255 and not near[i] and put_back[4 * i:4 * i + 4] != before[4 * i:4 * i + 4]
        )
        figures["checked"] = sum(1 for i, stays in enumerate(alpha) if stays == 255 and not near[i])
    print(json.dumps(figures))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
