"""The campaign file: YAML in, ``model.Campaign`` out.

What is wrong with the file's shape is complained about all at once, each with its line and column. What the
law or good manners miss (no SIREN, no reason for the offer, no balancing test, an unknown source) is not:
such a campaign loads, and the gates refuse it. ``digest`` says by content what must not change in
mid-campaign. This room knows no base, no clock and no relay.
"""

from sender.campaign.complaints import COMPLAINTS
from sender.campaign.digest import PARTS, differences, digest
from sender.campaign.reader import demand_past, load
from sender.campaign.schedule import Window, window

__all__ = ["COMPLAINTS", "PARTS", "Window", "demand_past", "differences", "digest", "load", "window"]
