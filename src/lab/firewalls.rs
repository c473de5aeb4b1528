//! Where the firewalls of a lab file are.

use crate::azure::references::machines;
use crate::findings::{Located, Place};
use crate::firewall::Firewall;
use crate::lab::Spec;
use crate::lab::read;
use crate::yaml::line_of_value;

/// The line of a lab file's text that is a line of a node's firewall; `None` if the node has no firewall there.
#[must_use]
pub fn line_of_firewall(text: &str, node: &str, line: usize) -> Option<usize> {
    let place = place(&read(text).spec?, node)?;
    Some(line_of_value(text, place, line))
}

/// The place of a node's firewall.
fn place(spec: &Spec, node: &str) -> Option<Place> {
    let sites = || spec.resources.sites.iter();
    let machines = machines(&spec.resources)
        .map(|(_, machine)| (machine.name.value.as_str(), &machine.device.firewall));
    let routers = sites().flat_map(|site| &site.routers);
    let routers = routers.map(|router| (router.name.value.as_str(), &router.device.firewall));
    let hosts = sites().flat_map(|site| &site.hosts);
    let hosts = hosts.map(|host| (host.name.value.as_str(), &host.firewall));
    let mut all = machines.chain(routers).chain(hosts);
    let (_, firewall): (_, &Option<Located<Firewall>>) = all.find(|(name, _)| *name == node)?;
    firewall.as_ref().map(|firewall| firewall.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_firewall_is_found_in_the_file() {
        let text = "\
name: demo
sites:
  a:
    routers:
      block:
        address: 10.0.0.1/24
        firewall: |

          table ip a {
          }
      one-line: { address: 10.0.1.1/24, firewall: 'table ip b { }' }
      anchored:
        firewall: &rules |-
          table ip c {
          }
    hosts:
      pc: { address: 10.0.0.10/24, gateway: 10.0.0.1, firewall: *rules }
";
        let line = |node, line| line_of_firewall(text, node, line);
        assert_eq!(line("block", 2), Some(9));
        assert_eq!(line("one-line", 1), Some(11));
        assert_eq!(line("anchored", 1), Some(14));
        assert_eq!(line("pc", 2), Some(15));
        assert_eq!(line("nobody", 1), None);
    }
}
