//! Recordings of every form.

use super::*;

fn lines(table: Table, text: &str) -> String {
    match rows(table, text) {
        Ok(rows) => rows.iter().map(|row| row.join(" | ") + "\n").collect(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn json_and_tables_of_effective_routes_have_the_same_rows() {
    let json = r#"{"value": [
        {"addressPrefix": ["10.0.0.0/16"], "nextHopIpAddress": [], "nextHopType": "VnetLocal", "source": "Default", "state": "Active", "name": null},
        {"addressPrefix": ["10.9.0.0/16"], "nextHopIpAddress": ["10.0.1.4", "10.0.1.5"], "nextHopType": "VirtualNetworkGateway", "source": "VirtualNetworkGateway", "state": "Active"}
    ]}"#;
    let table = "
Source                 State    Address Prefix    Next Hop Type          Next Hop IP
---------------------  -------  ----------------  ---------------------  -------------------
Default                Active   10.0.0.0/16       VnetLocal
VirtualNetworkGateway  Active   10.9.0.0/16       VirtualNetworkGateway  10.0.1.4 10.0.1.5
";
    let expected = "\
Default | Active | 10.0.0.0/16 | VnetLocal | 
VirtualNetworkGateway | Active | 10.9.0.0/16 | VirtualNetworkGateway | 10.0.1.4
VirtualNetworkGateway | Active | 10.9.0.0/16 | VirtualNetworkGateway | 10.0.1.5
";
    assert_eq!(lines(Table::EffectiveRoutes, json), expected);
    assert_eq!(lines(Table::EffectiveRoutes, table), expected);
}

#[test]
fn routes_of_gateways_may_be_lists_of_instances_and_have_columns_in_any_order() {
    let json = r#"{"RouteServiceRole_IN_0": [{"asPath": "12076-65010", "localAddress": "10.0.0.12", "network": "192.168.0.0/16", "nextHop": "10.0.0.4", "origin": "EBgp", "sourcePeer": "10.0.0.4", "weight": 32769}], "RouteServiceRole_IN_1": []}"#;
    let table = "\
LocalAddress Network        NextHop  SourcePeer Origin AsPath      Weight
------------ -------        -------  ---------- ------ ------      ------
10.0.0.12    192.168.0.0/16 10.0.0.4 10.0.0.4   EBgp   12076-65010 32769
";
    let expected = "192.168.0.0/16 | 10.0.0.4 | EBgp | 10.0.0.4 | 12076-65010 | 32769\n";
    assert_eq!(lines(Table::GatewayRoutes, json), expected);
    assert_eq!(lines(Table::GatewayRoutes, table), expected);
    let next_hop = r#"{"nextHopIpAddress": "10.0.1.4", "nextHopType": "VirtualAppliance", "routeTableId": "/x"}"#;
    assert_eq!(
        lines(Table::NextHop, next_hop),
        "VirtualAppliance | 10.0.1.4\n"
    );
}

#[test]
fn a_text_of_another_form_is_an_error() {
    let all = [
        "",
        "no table",
        "{}",
        "{\"value\": 3}",
        "[{\"id\": 1}]",
        "{",
        "A  B\n-  -\n1  2\n",
    ];
    let errors: Vec<String> = all.iter().map(|text| lines(Table::NextHop, text)).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    it is not JSON: EOF while parsing an object at line 1 column 1
    it is neither JSON nor a table of az with the columns NextHopType, NextHopIpAddress; record it with `-o json`
    "#);
}

fn shown(text: &str) -> String {
    match trace(text) {
        Ok(found) => {
            let hops = found.hops.iter().map(|hop| {
                let answers: Vec<String> = hop.addresses.iter().map(ToString::to_string).collect();
                if answers.is_empty() {
                    "*".to_owned()
                } else {
                    answers.join("/")
                }
            });
            let to = found
                .destination
                .map(|to| to.to_string())
                .unwrap_or_default();
            format!("to {to}: {}", hops.collect::<Vec<_>>().join(" "))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn traces_of_every_program_are_read() {
    let tracert = "
Tracing route to 10.2.30.10 over a maximum of 30 hops

  1     2 ms     2 ms     2 ms  10.10.30.132
  2     *        *        *     Request timed out.
  3     2 ms     2 ms     2 ms  loc1-vm [10.2.30.10]

Trace complete.
";
    let traceroute = "
traceroute to loc1-vm (10.2.30.10), 30 hops max, 60 byte packets
 1  10.10.30.132 (10.10.30.132)  2.052 ms 10.10.30.133 (10.10.30.133)  2.040 ms  2.028 ms
 2  * * *
 3  loc1-vm (10.2.30.10)  2.1 ms !X  2.2 ms  2.3 ms
";
    let tracepath = "
 1?: [LOCALHOST]                      pmtu 1500
 1:  10.10.30.132                                          2.162ms
 2:  no reply
 3:  10.2.30.10                                            2.343ms reached
     Resume: pmtu 1500 hops 3 back 3
";
    let mtr = "
Start: 2026-11-30T10:00:00+0000
HOST: hub-vm                      Loss%   Snt   Last   Avg  Best  Wrst StDev
  1.|-- 10.10.30.132               0.0%    10    2.1   2.2   2.0   2.5   0.1
  2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0
  3.|-- 10.2.30.10                 0.0%    10    2.3   2.3   2.1   2.6   0.1
";
    let lost =
        "traceroute to 10.9.9.9 (10.9.9.9), 3 hops max\n 1  10.0.0.4  1 ms\n 2  * * *\n 3  * * *\n";
    let all = [
        tracert,
        traceroute,
        tracepath,
        mtr,
        lost,
        "nothing\n",
        "999999999999999999999 10.0.0.1\n",
    ];
    let shown: Vec<String> = all.iter().map(|text| shown(text)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    to 10.2.30.10: 10.10.30.132 * 10.2.30.10
    to 10.2.30.10: 10.10.30.132/10.10.30.133 * 10.2.30.10
    to : 10.10.30.132 * 10.2.30.10
    to : 10.10.30.132 * 10.2.30.10
    to 10.9.9.9: 10.0.0.4
    it has no hops; it is the output of tracert, traceroute, tracepath or `mtr --report`
    it has no hops; it is the output of tracert, traceroute, tracepath or `mtr --report`
    "#);
}
