"""The channels of the shop, which the pages of rights name."""

from collections.abc import Sequence

from console.page import Visit
from console.pages.media.changes_graphql import CHANNELS, ChannelsChannels


async def know_channels(visit: Visit) -> Sequence[ChannelsChannels]:
    """Return the channels, and let the page call them by their names."""
    channels = (await visit.ask(CHANNELS))["channels"] or []
    visit.channel_names = {each["code"]: each["name"] or each["code"] for each in channels}
    return channels
