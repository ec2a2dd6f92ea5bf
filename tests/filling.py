"""A home with cards that a test thinks up, decided or not."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from netbot import app, clock, engine
from netbot.engine import Intent
from netbot.model import Channel, Choice, Post, Ruling, Score, Verb, Verdict
from netbot.store import posts, sources, suggestions
from netbot.store.suggestions import Draft

FINE = Verdict(ruling=Ruling.PASS, link=None)


def fill(
    home: Path,
    texts: Sequence[str],
    intent: Intent | None,
    *,
    sphere: str = "private",
    verdict: Verdict = FINE,
) -> list[str]:
    """Ids of cards about these texts, of the sphere's first client, each decided if asked."""
    now = clock.now()
    with app.open_sphere(home, sphere, now) as opened:
        client, account = opened.house.clients[0], opened.house.accounts[0]
        made = []
        for text in texts:
            name = hashlib.sha256(text.encode()).hexdigest()
            url = f"https://filled.example/{name}"
            post = Post(
                network="web", url=url, title=text, text=text, keys=(f"id:{name}",), language="de"
            )
            choice = Choice(
                verb=Verb.COMMENT,
                target_url=url,
                account=account.id,
                network=account.network,
                channel=Channel.HANDOFF,
            )
            with opened.store.write() as tx:
                source = sources.of_client(tx, client.id)[0]
                (born,) = posts.insert_posts(tx, source.id, client.id, [(post, None)], now)
                draft = Draft(
                    post=posts.by_ids(tx, [born])[born],
                    choice=choice,
                    alternatives=(),
                    verdict=verdict,
                    score=Score(),
                    text="",
                    expires_at=now + timedelta(days=3),
                )
                number = suggestions.insert_suggestion(tx, draft, now)
            made.append(f"{sphere}-{number}")
            if intent is not None:
                engine.decide(opened.store, opened.hall, made[-1], intent, now)
    return made
