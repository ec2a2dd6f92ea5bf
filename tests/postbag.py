"""Invented newsletters and notification mails, built as the usual services build theirs.

Every address in them leads to a host that does not exist: whoever asked for one would fail.
"""

import base64
import quopri
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

WHEN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
PIXEL = '<img src="https://pixel.invalid/open.gif?u=4711" width="1" height="1" alt="">'
HEADLINE = "Unsere Ausstellung „Schrift & Raum“ ist eröffnet"
STORY = (
    "Über zweihundert Gäste kamen am Freitag in die alte Druckerei. Besonders gefreut hat uns,"
    " dass die Setzerin von damals die erste Seite gezogen hat."
)


@dataclass(frozen=True)
class Sent:
    """One mail, and what a reader makes of it."""

    raw: bytes
    source: str  # the address under which a client's source names it
    title: str
    url: str
    says: str  # words of its text
    network: str = "web"


def encoded(text: str, charset: str, how: str) -> bytes:
    data = text.encode(charset)
    match how:
        case "base64":
            return base64.encodebytes(data)
        case "quoted-printable":
            return quopri.encodestring(data)
        case _:
            return data


def word(text: str, charset: str = "utf-8", how: str = "b") -> str:
    """A header's words as RFC 2047 writes them."""
    data = text.encode(charset)
    if how == "b":
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
    coded = "".join(chr(b) if chr(b).isascii() and chr(b).isalnum() else f"={b:02X}" for b in data)
    return f"=?{charset}?Q?{coded}?="


def part(kind: str, text: str, *, charset: str = "utf-8", how: str = "quoted-printable") -> bytes:
    head = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return head.encode() + encoded(text, charset, how)


def multipart(*parts: bytes, kind: str = "alternative", mark: str = "=_mark") -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
    line = f"--{mark}".encode()
    return head + b"".join(line + b"\r\n" + each + b"\r\n" for each in parts) + line + b"--\r\n"


def mail(
    sender: str, subject: str, body: bytes, *, id: str | None, at: datetime = WHEN, **more: str
) -> bytes:
    facts = {"From": sender, "To": "anna@example.com", "Subject": subject}
    facts |= {"Date": format_datetime(at), "MIME-Version": "1.0"}
    facts |= {"Message-ID": f"<{id}>"} if id else {}
    facts |= {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in facts.items())
    return head.encode("latin-1", "replace") + body


def service(
    *blocks: str, online: str = "", leave: str = "https://leave.invalid/u/4711", lang: str = "de"
) -> str:
    """A page of tables, as mailing services write them."""
    top = (
        f'<td style="font-size:11px">Wird diese E-Mail nicht richtig angezeigt? '
        f'<a href="{online}">Im Browser ansehen</a></td>'
        if online
        else "<td></td>"
    )
    rows = "".join(
        f'<tr><td class="content" style="padding:20px">{each}</td></tr>' for each in blocks
    )
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>Newsletter</title><style>td{{color:#222}}'
        "</style></head><body>"
        '<div style="display:none;max-height:0;overflow:hidden">Vorschau, die niemand sieht</div>'
        f'<table width="100%"><tr>{top}</tr><tr><td align="center"><table width="600">{rows}'
        f'<tr><td style="font-size:11px">Du bekommst diese Mail, weil du sie bestellt hast.'
        f' <a href="{leave}">Hier abmelden</a></td></tr></table></td></tr></table>'
        f"{PIXEL}</body></html>"
    )


def article(link: str, title: str = HEADLINE, text: str = STORY) -> str:
    return (
        f'<h2><a href="{link}">{title}</a></h2><p>{text}</p><p><a href="{link}">Weiterlesen</a></p>'
    )


def story(title: str = HEADLINE, text: str = STORY) -> str:
    return f"<h1>{title}</h1><p>{text}</p>"


ACME = "ACME <news@acme.example>"
_HEAD = word(HEADLINE)


def _newsletters() -> dict[str, Sent]:
    def told(raw: bytes, url: str, *, source: str = "news@acme.example", **facts: str) -> Sent:
        return Sent(raw, source, **({"title": HEADLINE, "url": url, "says": STORY[:60]} | facts))

    chimp = "https://mailchi.mp/acme/schrift-und-raum"
    archive = "https://us5.campaign-archive.com/?u=9f1&id=77ab"
    reach = "https://275566.seu2.cleverreach.com/m/15332211/0-2f6e"
    rapid = "https://t5c1a2b3.emailsys1a.net/mailing/177/4407011/0/8c6/index.html"
    brevo = "https://acme.r.sp1-brevo.net/mk/mr/sh/SMJz09a8XoDkTUr9TXMjUdH/aZ3"
    blog = "https://acme.example/blog/schrift-und-raum"
    click = "https://acme.us5.list-manage.com/track/click?u=9f1&id=22&e=4711"
    plain = (
        f"{HEADLINE}\n\n{STORY}\n\nWeiterlesen: {blog}?utm_source=nl\n\n-- \nACME, Lange Gasse 1\n"
    )
    page = part("text/html", service(story(), online=chimp + "?e=4711"))
    latin = {"charset": "iso-8859-1", "how": "quoted-printable"}
    flat = HEADLINE.replace("„", '"').replace("“", '"')
    windows = {"charset": "windows-1252", "how": "8bit"}
    return {
        "mailchimp, two texts": told(
            mail(ACME, _HEAD, multipart(part("text/plain", plain), page), id="m1@mc.example"), chimp
        ),
        "mailchimp archive": told(
            mail(
                ACME,
                _HEAD,
                part("text/html", service(story(), online=archive + "&e=4711")),
                id="m2@mc",
            ),
            archive,
        ),
        "cleverreach, base64": told(
            mail(
                ACME,
                _HEAD,
                part("text/html", service(story(), online=reach), how="base64"),
                id="m3@cr",
            ),
            reach,
        ),
        "rapidmail with a list id": told(
            mail(
                "ACME <bounce@rapid.example>",
                _HEAD,
                part("text/html", service(story(), online=rapid)),
                id="m4@rm",
                List_Id="ACME Neuigkeiten <neuigkeiten.acme.example>",
            ),
            rapid,
            source="neuigkeiten.acme.example",
        ),
        "brevo, mixed with a picture": told(
            mail(
                ACME,
                _HEAD,
                multipart(
                    multipart(
                        part("text/plain", plain),
                        part("text/html", service(story(), online=brevo)),
                        mark="in",
                    ),
                    b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=a\r\n"
                    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=",
                    kind="mixed",
                ),
                id="m5@brevo",
            ),
            brevo,
        ),
        "one article, told by its link": told(
            mail(
                ACME,
                _HEAD,
                part("text/html", service(article(blog + "?utm_source=nl&mc_eid=1"), online=click)),
                id="m6@acme",
            ),
            blog,
        ),
        "only counted links": told(
            mail(ACME, _HEAD, part("text/html", service(article(click))), id="m7@acme"),
            "https://acme.us5.list-manage.com/track/click?u=9f1&id=22",
        ),
        "plain text": told(mail(ACME, _HEAD, part("text/plain", plain), id="m8@acme"), blog),
        "iso-8859-1": told(
            mail(
                ACME,
                word(flat, "iso-8859-1", "q"),
                part("text/html", service(story(flat), online=chimp), **latin),
                id="m9@acme",
            ),
            chimp,
            title=flat,
        ),
        "windows-1252 that says iso-8859-1": told(
            mail(
                ACME,
                word(HEADLINE, "windows-1252", "q"),
                part("text/html", service(story(), online=chimp), **windows).replace(
                    b"windows-1252", b"iso-8859-1"
                ),
                id="m10@acme",
            ),
            chimp,
        ),
        "utf-8 that says us-ascii": told(
            mail(
                ACME,
                HEADLINE.encode().decode("latin-1"),
                part("text/html", service(story(), online=chimp), how="8bit").replace(
                    b"charset=utf-8", b"charset=us-ascii"
                ),
                id="m11@acme",
            ),
            chimp,
        ),
        "a charset that nobody knows": told(
            mail(
                ACME,
                _HEAD,
                part("text/html", service(story(), online=chimp)).replace(
                    b"charset=utf-8", b"charset=x-unknown"
                ),
                id="m12@acme",
            ),
            chimp,
        ),
        "wordpress subscription": told(
            mail(
                "Blog von ACME <donotreply@wordpress.example>",
                word(f"[ACME Blog] Neuer Beitrag: {HEADLINE}"),
                part(
                    "text/html",
                    f'<html><body><div style="font-size:24px"><a href="{blog}">{HEADLINE}</a></div>'
                    f'<p>{STORY}</p><p><a href="{blog}#respond">Kommentar</a></p>'
                    '<p><a href="https://leave.invalid/">Abbestellen</a></p></body></html>',
                ),
                id="m13@wp",
            ),
            blog,
            source="donotreply@wordpress.example",
        ),
        "archived at": told(
            mail(
                ACME,
                _HEAD,
                part("text/html", service(story(), online=click)),
                id="m14@acme",
                Archived_At="<https://lists.acme.example/2026/11/77>",
            ),
            "https://lists.acme.example/2026/11/77",
        ),
        "without an id": told(
            mail(ACME, _HEAD, part("text/html", service(story(), online=chimp)), id=None), chimp
        ),
        "folded subject in two words": told(
            mail(
                ACME,
                f"{word(HEADLINE[:20])}\r\n {word(HEADLINE[20:])}",
                part("text/html", service(story(), online=chimp)),
                id="m16@acme",
            ),
            chimp,
        ),
        "forwarded by hand": told(
            mail(
                "Anna <anna@example.com>",
                f"Fwd: {_HEAD}",
                part("text/html", service(story(), online=chimp)),
                id="m17@me",
                List_Id="<acme.list.example>",
            ),
            chimp,
            source="acme.list.example",
        ),
        "several articles": told(
            mail(
                ACME,
                word("Neues im November"),
                part(
                    "text/html",
                    service(
                        article("https://acme.example/blog/a"),
                        article("https://acme.example/blog/b", "Wir suchen eine Setzerin"),
                        online=chimp + "?e=1",
                    ),
                ),
                id="m18@acme",
            ),
            chimp,
            title="Neues im November",
        ),
        "english": told(
            mail(
                "Harbour <hello@harbour.example>",
                "The boathouse is finished",
                part(
                    "text/html",
                    service(
                        "<h1>The boathouse is finished</h1>"
                        "<p>The rowers moved in on a rainy Tuesday and have not left since.</p>",
                        online="https://harbour.example/mail/7?utm_medium=email",
                        leave="https://harbour.example/unsubscribe/4711",
                        lang="en",
                    )
                    .replace("Wird diese E-Mail nicht richtig angezeigt? ", "")
                    .replace("Im Browser ansehen", "View this email in your browser"),
                ),
                id="m19@harbour",
            ),
            "https://harbour.example/mail/7",
            source="hello@harbour.example",
            title="The boathouse is finished",
            says="The rowers moved in",
        ),
        "broken boundaries": told(
            mail(
                ACME,
                _HEAD,
                multipart(part("text/plain", plain), page).replace(b"--=_mark--\r\n", b""),
                id="m20@acme",
            ),
            chimp,
        ),
    }


NEWSLETTERS = _newsletters()


def notice(sender: str, subject: str, *blocks: str, id: str, at: datetime = WHEN) -> bytes:
    """A notification as networks send it: blocks in tables, every link with the reader in it."""
    page = service(*blocks, leave="https://www.linkedin.com/comm/psettings/unsub?midToken=AQ")
    return mail(sender, word(subject), part("text/html", page, how="base64"), id=id, at=at)


def card(name: str, words: str, link: str, button: str = "Beitrag ansehen") -> str:
    return (
        f"<table><tr><td><strong>{name}</strong></td></tr><tr><td>{words}</td></tr>"
        f'<tr><td><a href="{link}">{button}</a></td></tr></table>'
    )


def _notifications() -> dict[str, Sent]:
    in_ = "LinkedIn <notifications-noreply@linkedin.com>"
    xing = "XING <mailrobot@mail.xing.com>"
    fb = "Facebook <notification@facebookmail.com>"
    token = "?midToken=AQG&midSig=1&trk=eml-email_notification&eid=77-abc"
    update = "https://www.linkedin.com/comm/feed/update/urn:li:activity:7398/"
    name, person = "ACME Übersetzer GmbH", "Mira Kern"

    def told(raw: bytes, network: str, title: str, url: str, *, who: str = name) -> Sent:
        return Sent(raw, f"{network}: {who}", title, url, STORY[:40], network)

    post = "https://www.linkedin.com/feed/update/urn:li:activity:7398/"
    quoted = f"{name} hat einen Beitrag geteilt: {HEADLINE}"
    return {
        "linkedin company post": told(
            notice(in_, quoted, card(name, STORY, update + token), id="n1@li"),
            "linkedin",
            HEADLINE,
            post,
        ),
        "linkedin person post": told(
            notice(
                in_, f"{person} hat etwas gepostet", card(person, STORY, update + token), id="n2@li"
            ),
            "linkedin",
            f"{person} hat etwas gepostet",
            post,
            who=person,
        ),
        "linkedin in english": told(
            notice(
                in_,
                f"{person} just posted: {HEADLINE}",
                card(person, STORY, update + token, "View post"),
                id="n3@li",
            ),
            "linkedin",
            HEADLINE,
            post,
            who=person,
        ),
        "linkedin digest of several": told(
            notice(
                in_,
                "Neues aus deinem Netzwerk",
                card(
                    "Somebody Else AG",
                    "Wir stellen ein und freuen uns auf dich.",
                    update.replace("7398", "1111") + token,
                ),
                card(name, STORY, update + token),
                id="n4@li",
            ),
            "linkedin",
            "Neues aus deinem Netzwerk",
            post,
        ),
        "linkedin article": told(
            notice(
                in_,
                f"{person} hat einen Artikel veröffentlicht: {HEADLINE}",
                card(
                    person,
                    STORY,
                    f"https://www.linkedin.com/comm/pulse/schrift-und-raum-mira-kern{token}",
                    "Artikel lesen",
                ),
                id="n5@li",
            ),
            "linkedin",
            HEADLINE,
            "https://www.linkedin.com/pulse/schrift-und-raum-mira-kern",
            who=person,
        ),
        "xing news": told(
            notice(
                xing,
                f"{name}: {HEADLINE}",
                card(name, STORY, "https://www.xing.com/pages/acme/news/77?sc_o=mail&token=geheim"),
                id="n6@xing",
            ),
            "xing",
            HEADLINE,
            "https://www.xing.com/pages/acme/news/77",
        ),
        "xing post of a person": told(
            notice(
                xing,
                f"Neuer Beitrag von {person}",
                card(
                    person, STORY, "https://www.xing.com/discover/detail-activities/55.ab?reader=77"
                ),
                id="n7@xing",
            ),
            "xing",
            f"Neuer Beitrag von {person}",
            "https://www.xing.com/discover/detail-activities/55.ab",
            who=person,
        ),
        "facebook page post": told(
            notice(
                fb,
                f"{name} hat einen neuen Beitrag geteilt",
                card(
                    name,
                    STORY,
                    "https://www.facebook.com/n/?acme%2Fposts%2F123456&aref=17&medium=email&mid=5ab&bcode=geheim",
                    "Auf Facebook ansehen",
                ),
                id="n8@fb",
            ),
            "facebook",
            f"{name} hat einen neuen Beitrag geteilt",
            "https://www.facebook.com/acme/posts/123456",
        ),
        "facebook story": told(
            notice(
                fb,
                f"{person} hat ein Foto hinzugefügt",
                card(
                    person,
                    STORY,
                    "https://www.facebook.com/story.php?story_fbid=99&id=7&mid=5ab&bcode=geheim",
                ),
                id="n9@fb",
            ),
            "facebook",
            f"{person} hat ein Foto hinzugefügt",
            "https://www.facebook.com/story.php?story_fbid=99&id=7",
            who=person,
        ),
        "instagram": told(
            notice(
                "Instagram <posts-recaps@mail.instagram.com>",
                f"{name} hat etwas gepostet",
                card(name, STORY, "https://www.instagram.com/p/Cxyz123/?utm_source=email&ndid=99"),
                id="n10@ig",
            ),
            "instagram",
            f"{name} hat etwas gepostet",
            "https://www.instagram.com/p/Cxyz123/",
        ),
    }


NOTIFICATIONS = _notifications()
