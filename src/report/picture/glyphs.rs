//! The little drawings in boxes, on a field of 24 by 24: our own, in lines alone.

use crate::report::picture::scene::BoxKind;

/// The path of a kind's drawing; none for boxes that hold others without one.
pub(super) const fn glyph(kind: BoxKind) -> Option<&'static str> {
    Some(match kind {
        // A screen on its stand.
        BoxKind::Machine => "M3 4h18v12H3zM9 20h6M12 16v4",
        // A wall of bricks.
        BoxKind::Appliance => {
            "M3 5h18v14H3zM3 9.7h18M3 14.3h18M9 5v4.7M15 5v4.7M12 9.7v4.6M6 9.7v4.6M18 9.7v4.6M9 14.3V19M15 14.3V19"
        }
        // A padlock.
        BoxKind::VpnGateway => "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3M12 14v3",
        // A door between two lines.
        BoxKind::ExpressRouteGateway => "M12 3l8 5v8l-8 5-8-5V8zM8 10.5h8l-2-2M16 13.5H8l2 2",
        // A router with a rim, like one at a provider's edge.
        BoxKind::Msee => {
            "M12 3a9 9 0 1 0 .01 0M7 12h4M9.2 10L7 12l2.2 2M17 12h-4M14.8 10l2.2 2-2.2 2M12 6v4.5M10.3 8.8l1.7 1.7 1.7-1.7M12 18v-4.5M10.3 15.2l1.7-1.7 1.7 1.7"
        }
        // A router.
        BoxKind::Router => "M12 4a8 8 0 1 0 .01 0M8 9.5h7l-2-2M16 14.5H9l2 2",
        // A desktop computer.
        BoxKind::Host => "M3 5h12v9H3zM6 18h6M9 14v4M18 5h3v13h-3zM18 8h3",
        // One in front of several.
        BoxKind::LoadBalancer => "M12 3l4 4-4 4-4-4zM12 11v3M5 20v-3h14v3M12 14v6M5 17l7-3 7 3",
        BoxKind::Region
        | BoxKind::VirtualNetwork
        | BoxKind::Subnet
        | BoxKind::Circuit
        | BoxKind::MicrosoftPeering
        | BoxKind::Site
        | BoxKind::Lan => return None,
    })
}
