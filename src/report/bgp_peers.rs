//! What `lab bgp-peers` prints, in az's columns.

use serde::Serialize;

use crate::addresses::Address;
use crate::report::az_table;
use crate::report::learned::{address_at, own_address};
use crate::routing::Tables;
use crate::topology::{SessionId, SessionKind, SpeakerId, Topology};
use crate::units::Asn;

/// The BGP peers of speakers, in the format of `az network vnet-gateway list-bgp-peer-status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Peers {
    /// The peers of all instances.
    pub value: Vec<Peer>,
}

/// A BGP peer. A lab computes BGP and sends no messages, so that what az says about time and messages is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Its ASN.
    pub asn: Option<u32>,
    /// Always null.
    pub connected_duration: Option<String>,
    /// The speaker's own address in the session.
    pub local_address: Option<Address>,
    /// Always null.
    pub messages_received: Option<u64>,
    /// Always null.
    pub messages_sent: Option<u64>,
    /// Its address.
    pub neighbor: Option<Address>,
    /// How many routes it advertises to the speaker.
    pub routes_received: usize,
    /// `Connected`, or `Connecting` if the session does not work; `Unknown` for an instance itself, which Azure lists
    /// among its peers.
    pub state: &'static str,
    /// The session's name for `lab fault`; none for an instance itself.
    #[serde(skip)]
    pub session: Option<String>,
}

/// The peers of the instances of a gateway, or of any other speaker of BGP.
#[must_use]
pub fn peers(topology: &Topology, tables: &Tables, speakers: &[SpeakerId]) -> Peers {
    let rows = speakers.iter().flat_map(|speaker| {
        let sessions = topology.sessions.iter().zip(0..);
        let speaking = sessions.filter(|(session, _)| session.kind != SessionKind::StaticTunnel);
        let others = speaking.filter_map(|(session, index)| {
            let own = session
                .ends
                .iter()
                .position(|end| end.speaker() == *speaker)?;
            Some(peer(topology, tables, SessionId(index), own))
        });
        let is_gateway = topology.node(speaker.node).role.is_vpn_gateway();
        let itself = is_gateway.then(|| itself(topology, *speaker));
        itself.into_iter().chain(others).collect::<Vec<_>>()
    });
    Peers {
        value: rows.collect(),
    }
}

fn number(topology: &Topology, speaker: SpeakerId) -> Option<u32> {
    topology.node(speaker.node).asn.map(Asn::get)
}

fn itself(topology: &Topology, speaker: SpeakerId) -> Peer {
    let own = own_address(topology, speaker);
    Peer {
        asn: number(topology, speaker),
        connected_duration: None,
        local_address: own,
        messages_received: None,
        messages_sent: None,
        neighbor: own,
        routes_received: 0,
        state: "Unknown",
        session: None,
    }
}

fn peer(topology: &Topology, tables: &Tables, id: SessionId, own: usize) -> Peer {
    let ends = &topology.session(id).ends;
    let [speaker, neighbour] = [ends[own].speaker(), ends[1 - own].speaker()];
    Peer {
        asn: number(topology, neighbour),
        connected_duration: None,
        local_address: address_at(topology, id, speaker),
        messages_received: None,
        messages_sent: None,
        neighbor: address_at(topology, id, neighbour),
        routes_received: tables.advertised(id, 1 - own).len(),
        state: if tables.is_live(id) {
            "Connected"
        } else {
            "Connecting"
        },
        session: Some(topology.session_name(id)),
    }
}

/// The peers in az's columns, with the name of each session for `lab fault` after them.
#[must_use]
pub fn text(peers: &Peers) -> String {
    let address = |address: Option<Address>| address.map_or(String::new(), |own| own.to_string());
    let row = |peer: &Peer| {
        vec![
            address(peer.neighbor),
            peer.asn.map_or(String::new(), |asn| asn.to_string()),
            peer.state.to_owned(),
            String::new(),
            peer.routes_received.to_string(),
            String::new(),
            String::new(),
            peer.session.clone().unwrap_or_default(),
        ]
    };
    let headers = [
        "Neighbor",
        "ASN",
        "State",
        "ConnectedDuration",
        "RoutesReceived",
        "MessagesSent",
        "MessagesReceived",
        "Session",
    ];
    az_table(&headers, &peers.value.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::report::solved::Solved;

    fn named(lab: &Solved, name: &str) -> Vec<SpeakerId> {
        lab.topology.speakers_named(name).into_iter().collect()
    }

    #[test]
    fn a_gateway_lists_itself_and_every_peer_with_the_routes_that_it_advertises() {
        let lab = Solved::hub_spoke();
        let of = |name: &str| text(&peers(&lab.topology, &lab.tables, &named(&lab, name)));
        assert_snapshot!(of("hub-vpngw"), @r"
        Neighbor      ASN    State      ConnectedDuration  RoutesReceived  MessagesSent  MessagesReceived  Session
        ------------  -----  ---------  -----------------  --------------  ------------  ----------------  ------------------------------
        10.10.30.254  65515  Unknown                       0
        10.11.30.126  65516  Connected                     1                                               session:hub-vpngw/branch-vpngw
        10.2.30.125   65021  Connected                     1                                               session:hub-vpngw/loc1-ce1
        10.10.30.136  65515  Connected                     2                                               session:hub-vpngw/hub-ergw-in0
        10.10.30.137  65515  Connected                     2                                               session:hub-vpngw/hub-ergw-in1
        ");
        assert_snapshot!(of("er1-msee1"), @r"
        Neighbor       ASN    State      ConnectedDuration  RoutesReceived  MessagesSent  MessagesReceived  Session
        -------------  -----  ---------  -----------------  --------------  ------------  ----------------  ---------------------------------
        192.168.30.17  65021  Connected                     1                                               session:er1-msee1/loc1-ce1
        10.10.30.136   65515  Connected                     2                                               session:er1-msee1/hub-ergw-in0
        10.10.30.137   65515  Connected                     2                                               session:er1-msee1/hub-ergw-in1
        10.17.30.38    65515  Connected                     1                                               session:er1-msee1/remote-ergw-in0
        10.17.30.39    65515  Connected                     1                                               session:er1-msee1/remote-ergw-in1
        ");
    }

    #[test]
    fn the_peers_of_a_session_that_is_down_try_to_connect() {
        let lab = Solved::hub_spoke().without("hub-loc1");
        let peers = peers(&lab.topology, &lab.tables, &named(&lab, "loc1-ce1"));
        assert_snapshot!(text(&peers), @r"
        Neighbor       ASN    State       ConnectedDuration  RoutesReceived  MessagesSent  MessagesReceived  Session
        -------------  -----  ----------  -----------------  --------------  ------------  ----------------  --------------------------
        192.168.30.18  12076  Connected                      3                                               session:er1-msee1/loc1-ce1
        10.10.30.254   65515  Connecting                     0                                               session:hub-vpngw/loc1-ce1
        ");
        assert_snapshot!(serde_json::to_string(&peers.value[0]).unwrap(), @r#"{"asn":12076,"connectedDuration":null,"localAddress":"192.168.30.17","messagesReceived":null,"messagesSent":null,"neighbor":"192.168.30.18","routesReceived":3,"state":"Connected"}"#);
    }
}
