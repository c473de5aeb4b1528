//! Explanations for programs.

use super::*;

#[test]
fn an_explanation_as_json() {
    let why = explained(&Solved::hub_spoke(), "hub-vm", "10.99.0.1");
    assert_snapshot!(serde_json::to_string_pretty(&why).unwrap(), @r#"
    {
      "from": "hub-vm",
      "to": null,
      "there": {
        "source": "10.10.30.4",
        "destination": "10.99.0.1",
        "delivered": false,
        "hops": [
          {
            "node": "hub-vm",
            "role": "virtual machine",
            "ttl": null,
            "address": null,
            "silence": null,
            "route": {
              "prefix": "10.0.0.0/8",
              "nextHops": [
                {
                  "address": "10.10.30.1",
                  "interface": "eth0",
                  "node": null
                }
              ],
              "origin": "Default None",
              "asPath": null,
              "weight": null,
              "localPreference": null,
              "state": "Active",
              "beatenBy": null
            },
            "beat": [],
            "longerThan": null
          }
        ],
        "loss": {
          "node": "hub-vm",
          "reason": "hub-vm has no route to 10.99.0.1 except the system route 10.0.0.0/8 to None",
          "missing": []
        }
      },
      "back": null,
      "onlyThere": [],
      "onlyBack": [],
      "answered": false,
      "summary": "hub-vm does not reach 10.99.0.1: no node has that address",
      "notEvaluated": []
    }
    "#);
}

#[test]
fn a_dead_end_as_json() {
    let why = explained(&Solved::hub_spoke(), "loc2-vm", "branch-vm");
    assert_snapshot!(serde_json::to_string_pretty(&why.there.loss).unwrap(), @r#"
    {
      "node": "loc2-ce1",
      "reason": "loc2-ce1 has no route to 10.11.30.68",
      "missing": [
        {
          "holder": "hub-ergw",
          "prefix": "10.11.30.64/26",
          "listeners": [
            "er2-msee1"
          ],
          "session": "er2-hub",
          "reason": "an ExpressRoute gateway does not advertise to a circuit what it learned from another circuit or from a VPN gateway",
          "source": "expressroute-faqs"
        }
      ]
    }
    "#);
}

#[test]
fn a_silent_hop_as_json() {
    let why = explained(&Solved::hub_spoke(), "hub-vm", "branch-vm");
    assert_snapshot!(serde_json::to_string_pretty(&why.there.hops[2]).unwrap(), @r#"
    {
      "node": "branch-vpngw",
      "role": "VPN gateway",
      "ttl": 2,
      "address": null,
      "silence": "silent: its answer has the source 169.254.227.212, which nobody advertises; hub-vpngw has no route to it and drops the answer (loose reverse-path filtering, RFC 3704, section 2.4)",
      "route": {
        "prefix": "10.11.30.64/26",
        "nextHops": [
          {
            "address": null,
            "interface": "eth0",
            "node": null
          }
        ],
        "origin": "Default VnetLocal",
        "asPath": null,
        "weight": null,
        "localPreference": null,
        "state": "Active",
        "beatenBy": null
      },
      "beat": [],
      "longerThan": null
    }
    "#);
}
