"""The rights record as an XMP packet (ISO 16684-1), in the fields that image searches read.

Google's "licensable" badge asks for the web statement and the licensor's URL; the credit line and
the notice are what IPTC Photo Metadata 2023 calls them in XMP.
"""

from html import escape

from catalog.delivery.model import RightsRecord

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/">\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" \
xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" \
xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">{fields}</rdf:Description>\
</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""

_MARKED = "<xmpRights:Marked>True</xmpRights:Marked>"
_WEB_STATEMENT = "<xmpRights:WebStatement>{}</xmpRights:WebStatement>"
_CREDIT = "<photoshop:Credit>{}</photoshop:Credit>"
_NOTICE = '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:rights>'
_LICENSOR = (
    '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">{}</rdf:li></rdf:Seq></plus:Licensor>'
)
_LICENSOR_NAME = "<plus:LicensorName>{}</plus:LicensorName>"
_LICENSOR_URL = "<plus:LicensorURL>{}</plus:LicensorURL>"


def rights_packet(rights: RightsRecord, notice: str | None = None) -> bytes | None:
    """Return the packet; None where there is nothing to say.

    Args:
        rights: the asset's own record.
        notice: of copyright, that the source carried; kept where the record has none itself.
    """
    licensor = _filled(_LICENSOR_NAME, rights.licensor) + _filled(
        _LICENSOR_URL, rights.licensor_url
    )
    fields = (
        _filled(_CREDIT, rights.credit)
        + _filled(_NOTICE, rights.licensor or rights.credit or notice)
        + _filled(_WEB_STATEMENT, rights.web_statement)
        + (_LICENSOR.format(licensor) if licensor else "")
    )
    return _PACKET.format(fields=_MARKED + fields).encode() if fields else None


def has_notice(rights: RightsRecord) -> bool:
    """Return whether the record gives the copyright notice, so that none of the source is kept."""
    return bool(rights.licensor or rights.credit)


def _filled(element: str, value: str | None) -> str:
    if not value:
        return ""
    # XML 1.0 has no control characters, not even escaped.
    return element.format(escape("".join(sign for sign in value if sign.isprintable())))
