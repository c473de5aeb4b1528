//! Private endpoints: who answers there, seen from real programs.

use crate::lab::Turn;
use crate::program::{Ran, lab as lab_program};

const LAB: &str = "\
name: endpoint
virtualNetworks:
  hub: { addressPrefixes: [10.97.0.0/24], virtualMachines: [hub-vm], peerings: [data] }
  data:
    addressPrefixes: [10.98.0.0/24]
    subnets: { links: 10.98.0.0/26 }
    privateEndpoints: { sql: { subnet: links, privateIPAddress: 10.98.0.9, port: 1433 } }
    virtualMachines: { data-vm: { subnet: links, privateIPAddress: 10.98.0.10 } }
";

/// Connects to a port of the endpoint by TCP: 1 if that is refused at once, 124 if nobody answers.
fn connect(from: &str, port: u16) -> Ran {
    let script = format!("exec 3<>/dev/tcp/10.98.0.9/{port}");
    lab_program(&["exec", from, "--", "timeout", "1", "bash", "-c", &script])
}

#[test]
fn an_endpoint_answers_on_its_port_and_nowhere_else() {
    let turn = Turn::begin();
    let lab = turn.named_lab("endpoint", LAB);
    lab_program(&["up", &lab.file]).exits(0);
    for from in ["hub-vm", "data-vm"] {
        // No program listens, so the endpoint's own system refuses the connection.
        let refused = connect(from, 1433).exits(1).complained;
        assert!(refused.contains("Connection refused"), "{refused}");
        connect(from, 1434).exits(124);
        lab_program(&["ping", from, "sql", "-c", "1", "--wait", "200ms"]).exits(1);
    }
    let why = lab_program(&["why", "hub-vm", "sql"]).exits(1).said;
    assert!(
        why.contains("sql is a private endpoint, which answers TCP on its `port` only"),
        "{why}"
    );
}
