"""What readers take for one character."""

import unicodedata


def graphemes(text: str) -> list[str]:
    """What a reader takes for one character each; near enough to Unicode's annex 29."""
    clusters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if clusters and _continues(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _continues(cluster: str, character: str) -> bool:
    if cluster[-1] == "\u200d":  # zero-width joiner: family emoji and the like
        return True
    if _is_flag_letter(character):
        return len(cluster) == 1 and _is_flag_letter(cluster)
    return (
        unicodedata.category(character).startswith("M")
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or (cluster, character) == ("\r", "\n")
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
